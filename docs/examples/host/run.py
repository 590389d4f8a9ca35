"""Starts ChatServer and the shop beside it. Ctrl-C or SIGTERM ends both; if one of them ends, so does the other.

    python run.py [--chat-port 8000] [--shop-port 8080] [--data FOLDER]

What it makes (databases, secrets) stays in the folder: the next start goes on with it.
"""

import argparse
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import httpx2
from chatserver_client import ChatClient

HOST = Path(__file__).parent
PROJECT = HOST.parent.parent.parent
START_SECONDS = 120
EXAMPLE_POLL_SECONDS = 0.2
ISSUER = "https://shop.example"


def main() -> None:
    options = read_options()
    options.data.mkdir(parents=True, exist_ok=True)
    chat_url, shop_url = (f"http://127.0.0.1:{port}" for port in (options.chat_port, options.shop_port))
    kept = options.data / "secrets.json"
    found = json.loads(kept.read_text()) if kept.exists() else {"jwt": secrets.token_urlsafe(32)}

    # What ChatServer is told of the shop.
    chat_env = os.environ | {
        "CHAT_DATA_DIR": str(options.data / "chat"),
        "CHAT_JWT_SECRETS": found["jwt"],
        "CHAT_JWT_ISSUER": ISSUER,
        "CHAT_CORS_ORIGINS": shop_url,
        # The shop's customers are strangers to each other.
        "CHAT_GENERAL": "False",
        "CHAT_DIRECTORY": "rooms",
        "CHAT_DIRECT_MESSAGES": "nobody",
        "CHAT_ROOM_CREATION": "services",
        "CHAT_OPEN_REGISTRATION": "False",
        # The shop gets its webhooks on this machine.
        "CHAT_OUTBOUND_PRIVATE": "True",
    }
    # A script that starts it with & has it ignore SIGINT, and Python then installs no handler.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        if "webhook" in found:
            # The shop first: it must not miss what ChatServer has for it since the last time.
            processes["The shop"] = start_shop(options, chat_url, found)
        processes["ChatServer"] = start_chat(options.chat_port, chat_env)
        wait_until_ready(f"{chat_url}/readyz", processes["ChatServer"])
        if "webhook" not in found:
            found["webhook"] = create_webhook(chat_url, f"{shop_url}/chat-events/", chat_env)
            kept.write_text(json.dumps(found))
            kept.chmod(0o600)
            processes["The shop"] = start_shop(options, chat_url, found)
        print(f"The shop is on {shop_url}", flush=True)
        while not (ended := [name for name, process in processes.items() if process.poll() is not None]):
            time.sleep(EXAMPLE_POLL_SECONDS)
        sys.exit(f"{ended[0]} has ended, and so does the example.")
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait()


def end(number: int, frame: FrameType | None) -> None:
    """End both, and then this program. Further signals change nothing."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    sys.exit()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--chat-port", type=int, default=8000)
    parser.add_argument("--shop-port", type=int, default=8080)
    parser.add_argument("--data", type=Path, default=PROJECT / "var" / "example-host")
    return parser.parse_args()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx2.get(url, timeout=5).is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(EXAMPLE_POLL_SECONDS)
    sys.exit("ChatServer did not start.")


def create_webhook(chat_url: str, url: str, chat_env: dict[str, str]) -> str:
    """Have ChatServer send every event to the shop. Returns the secret that signs them."""
    create = ["manage.py", "create_service_key", "--name", "shop", "--scope", "webhooks:write", "--expires-days", "1"]
    printed = subprocess.run(
        [sys.executable, *create], cwd=PROJECT, env=chat_env, check=True, capture_output=True, text=True
    ).stdout
    key = re.search(r"csk_\S+", printed)
    assert key is not None, printed
    with ChatClient(chat_url, key[0]) as chat:
        webhook = chat.request("POST", "webhooks", json={"url": url, "types": ["message.*", "member.*", "room.*"]})
    return str(webhook["secret"])


def start_chat(port: int, chat_env: dict[str, str]) -> subprocess.Popen[bytes]:
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=PROJECT, env=chat_env, check=True)
    return subprocess.Popen([sys.executable, "manage.py", "serve", "--port", str(port)], cwd=PROJECT, env=chat_env)


def start_shop(options: argparse.Namespace, chat_url: str, found: dict[str, str]) -> subprocess.Popen[bytes]:
    shop_env = os.environ | {
        "PYTHONPATH": str(PROJECT / "clients" / "python"),
        "SHOP_DATABASE": str(options.data / "shop.sqlite3"),
        "CHAT_URL": chat_url,
        "CHAT_JWT_SECRET": found["jwt"],
        "CHAT_JWT_ISSUER": ISSUER,
        "CHAT_WEBHOOK_SECRET": found["webhook"],
    }
    for command in (["migrate", "--verbosity", "0"], ["demo"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=HOST, env=shop_env, check=True)
    runserver = ["manage.py", "runserver", "--noreload", f"127.0.0.1:{options.shop_port}"]
    return subprocess.Popen([sys.executable, *runserver], cwd=HOST, env=shop_env)


if __name__ == "__main__":
    main()
