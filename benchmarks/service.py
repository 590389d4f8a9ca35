"""A service on fresh data, in production settings, started for one measurement."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class Account:
    user_id: int
    token: str


class Service:
    """`with Service(workers=2, users=1000) as service:` serves on `service.port`, with `service.accounts`."""

    def __init__(self, *, workers: int, users: int, rooms: int = 0, messages: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="chatserver-bench-")
        self._workers = workers
        self._numbers = {"users": users, "rooms": rooms, "messages": messages}
        self.port = 0
        self.accounts: list[Account] = []

    @property
    def sockets(self) -> Path:
        """The folder of the engines' sockets."""
        return Path(self._folder.name) / "run"

    def __enter__(self) -> "Service":
        data = Path(self._folder.name)
        env = {
            **os.environ,
            "CHAT_DATA_DIR": str(data),
            "DEBUG": "False",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            # One client stands for many people here.
            "CHAT_THROTTLE_WRITES": "1000000/second",
        }
        tokens = data / "tokens.tsv"
        numbers = [part for name, value in self._numbers.items() for part in (f"--{name}", str(value))]
        # The first process keeps the engines up for the commands that follow.
        log = (data / "log").open("wb")
        self._holder = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-c", "from django.db import connection as c; c.cursor(); input()"],
            cwd=PROJECT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        for command in (["migrate", "--verbosity", "0"], ["seed", *numbers, "--tokens", str(tokens)]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=PROJECT, env=env, check=True)
        rows = [line.split("\t") for line in tokens.read_text().splitlines()]
        self.accounts = [Account(int(user_id), token) for _, user_id, token in rows]
        command = [sys.executable, "manage.py", "serve", "--port", "0", "--workers", str(self._workers)]
        self._server = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=log, stderr=log)
        self.port = self._wait_for_port(data / "log")
        return self

    def _wait_for_port(self, log: Path) -> int:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            found = re.search(r"Listening on http://127\.0\.0\.1:(\d+)", log.read_text())
            if found:
                return int(found[1])
            time.sleep(0.1)
        raise RuntimeError(f"the service did not start:\n{log.read_text()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.terminate()
        self._server.wait(20)
        self._holder.communicate(b"\n")
        self._folder.cleanup()
