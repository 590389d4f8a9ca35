"""Each code block of README and docs/ is run or loaded, in the order of its page, or says why not."""

import json
import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from chatserver.storage.embedded.postgres import find_programs
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.documents import Block, Shell, blocks_of
from chatserver.tests.harness.processes import PROJECT, manage
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.service import Service
from chatserver.tests.test_env_example import load_settings

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
BLOCKS = [block for page in PAGES for block in blocks_of(page)]
# Where commands are run, against a server with the demo people and nothing else.
RUN = {
    "README.md",
    "docs/api.md",
    "docs/moving-from-chatserver-1.md",
    "docs/operations.md",
    "docs/quickstart.md",
    "docs/server-api.md",
    "docs/webhooks.md",
}
# Whose answers are also the same, since each of its calls is shown with what it answers on a fresh server.
COMPARED = {"docs/api.md"}
# Which test has the blocks of a page that need another program.
ELSEWHERE = {
    ("README.md", "python"): "test_docs_blocks.py",
    **{("README.md", kind): "../../chats/tests/widget/test_docs.py" for kind in ("html", "js")},
    ("docs/auth.md", "js"): "test_docs_auth.py",
    ("docs/auth.md", "python"): "test_docs_auth.py",
    ("docs/clients.md", "js"): "test_stream_clients.py",
    ("docs/clients.md", "python"): "test_stream_clients.py",
    ("docs/javascript.md", "js"): "test_javascript_client.py",
    **{("docs/embedding.md", kind): "../../chats/tests/widget/test_docs.py" for kind in ("css", "html", "js")},
    ("docs/operations.md", "nginx"): "test_stream_clients.py",  # and test_below_path.py
    ("docs/python.md", "python"): "test_docs_python.py",
    ("docs/webhooks.md", "python"): "test_docs_webhooks.py",
    ("docs/webhooks.md", "js"): "test_docs_webhooks.py",
    **{("docs/tutorial-django.md", kind): "test_tutorials.py" for kind in ("python", "sh")},
    **{("docs/tutorial-node.md", kind): "test_tutorials.py" for kind in ("html", "js", "sh")},
    ("docs/scaling.md", "ini"): "test_deployment_examples.py",
    ("docs/scaling.md", "nginx"): "test_docs_blocks.py",
}
PLACEHOLDER = "…"


def of(kinds: set[str]) -> list[object]:
    return [pytest.param(block, id=block.id) for block in BLOCKS if block.kind in kinds and block.reason is None]


def name_of(page: Path) -> str:
    return str(page.relative_to(PROJECT))


def test_no_block_is_left_out() -> None:
    left_out = []
    for block in BLOCKS:
        is_run = block.is_commands and name_of(block.page) in RUN
        # An answer, or a drawing.
        is_shown = block.kind == ""
        is_loaded = block.kind in {"json", "env"} or (name_of(block.page), block.kind) in ELSEWHERE
        if block.reason is None and not (is_loaded or is_run or is_shown):
            left_out.append(block.id)
    assert len(BLOCKS) > 50
    assert left_out == []
    assert all((PROJECT / "chatserver/tests" / test).exists() for test in ELSEWHERE.values())


@pytest.mark.parametrize(
    "block", [pytest.param(block, id=f"{block.id} {block.reason}") for block in BLOCKS if block.reason]
)
def test_what_is_not_run_says_why(block: Block) -> None:
    """As a list: `pytest -v -k says_why`."""
    assert block.reason is not None
    assert len(block.reason.split()) > 1
    assert not (named := re.search(r"\S+\.py", block.reason)) or (PROJECT / named[0]).exists()


def test_python_is_named_as_it_is_there() -> None:
    """Debian has no `python`; the virtual environment has one."""
    bare = r"(?m)^\s*(?:\$ )?python |[|&;(] *python |`python "
    assert [name_of(page) for page in PAGES if re.search(bare, page.read_text())] == []


@pytest.mark.parametrize("block", of({"json"}))
def test_json_is_json(block: Block) -> None:
    """But for what is left out, which `…` stands for."""
    text = re.sub(
        r",?…,?", lambda left_out: "," if left_out[0] == ",…," else "", re.sub(r'…(?=[^"]*"[,}\]:])', "", block.text)
    )
    decoder, place = json.JSONDecoder(), 0
    text = text.strip()
    while place < len(text):
        _, place = decoder.raw_decode(text, place)
        place += len(text[place:]) - len(text[place:].lstrip())


@pytest.mark.parametrize("block", of({"env"}))
def test_settings_start_as_soon_as_their_placeholders_are_filled(block: Block, tmp_path: Path) -> None:
    variables = dict(line.strip().split("=", 1) for line in block.text.splitlines() if "#" not in line)
    assert PLACEHOLDER in block.text
    refused = load_settings(variables, tmp_path)
    assert "still has the placeholder of an example" in refused.stderr
    filled = {name: value.replace(PLACEHOLDER, secrets.token_urlsafe(50)) for name, value in variables.items()}
    loaded = load_settings(filled, tmp_path)
    assert loaded.returncode == 0, loaded.stderr


def only_block(page: str, kind: str, mark: str = "") -> str:
    """The one with this text in it."""
    blocks = (block for block in BLOCKS if name_of(block.page) == page and block.kind == kind)
    (found,) = (block for block in blocks if mark in block.text)
    return found.text


def test_the_token_of_the_readme_is_a_jwt() -> None:
    secret = secrets.token_hex(16)
    names = {"time": time, "jwt": jwt, "CHAT_JWT_SECRET": secret}
    exec(only_block("README.md", "python"), names)  # noqa: S102 - our own page
    claims = jwt.decode(names["token"], secret, algorithms=["HS256"], issuer="https://shop.example")
    assert claims["rooms"][0]["id"] == "order-551"


@pytest.mark.clients
def test_the_snippet_for_a_page_is_javascript(tmp_path: Path) -> None:
    """Its calls are those of docs/clients.md."""
    snippet = tmp_path / "snippet.mjs"
    snippet.write_text(only_block("docs/clients.md", "js", "/chat/api/v1/tickets/"))
    subprocess.run([program("node", package="nodejs"), "--check", str(snippet)], check=True)


@pytest.mark.clients
def test_nginx_takes_what_several_servers_need(tmp_path: Path) -> None:
    server, *directives = only_block("docs/scaling.md", "nginx").splitlines()
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}\n"
        f"http {{ access_log off; upstream chatserver {{\n{server}\n}}\n"
        "server { listen 127.0.0.1:1; location / { proxy_pass http://chatserver;\n" + "\n".join(directives) + "\n}}}"
    )
    nginx = program("nginx", package="nginx")
    subprocess.run([nginx, "-t", "-p", str(tmp_path), "-c", str(config)], check=True, capture_output=True)


class Demo:
    """What `make run` starts, on a database of its own, which has its tables already."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        name = databases.create(databases.migrated)
        env = {**databases.env_of(name, CHAT_DATA_DIR=str(folder / "data")), "DEBUG": "True", "ALLOWED_HOSTS": ""}
        self.service = Service(env, [], folder / "log", options=("--demo",)).start()
        self.printed = dict(re.findall(r"(?m)^(URL|TOKEN)=(.+)$", self.service.log.read_text()))


@pytest.fixture
def demo(databases: Databases, tmp_path: Path) -> Iterator[Demo]:
    started = Demo(databases, tmp_path)
    yield started
    started.service.stop()


def make_service_account(demo: Demo) -> str:
    """As the admin does; its token."""
    code = (
        "from users.actions.credentials import issue_token; from users.actions.people import create_user;"
        "from users.models import User; backend = create_user('backend');"
        "User.objects.filter(pk=backend.pk).update(is_service=True); print(issue_token(backend)[0])"
    )
    return manage(demo.service.env, "shell", "--no-imports", "-c", code).strip()


# A page is run whole, and one of them fills a database for load tests.
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", sorted(RUN))
def test_the_commands_of_a_page_work_in_their_order_and_answer_what_it_shows(
    name: str, demo: Demo, tmp_path: Path
) -> None:
    env = demo.service.env
    path = f"{find_programs()}:{env['PATH']}"
    page = PROJECT / name
    service = {"SERVICE": make_service_account(demo)} if "$SERVICE" in page.read_text() else {}
    shell = Shell(tmp_path, **{**env, **demo.printed, **service, "PATH": path})
    (tmp_path / ".env").write_text(f"DATABASE_URL={env['DATABASE_URL']}\n")
    for file in (".venv", "manage.py"):
        (tmp_path / file).symlink_to(PROJECT / file)
    answer = ""
    try:
        for block in blocks_of(page):
            if block.reason is None and block.is_commands:
                answer = shell.run(as_pasted(block.commands, demo))
            elif block.reason is not None or not block.is_answer or not answer:
                continue
            missing = {shown for shown in block.shown_names if shown not in answer}
            assert missing == set(), f"{block.id}: {answer}"
            lines = iter(answer.splitlines())
            for shown in block.shown_answers if name in COMPARED else []:
                is_there = any(shown.fullmatch(line) for line in lines)
                assert is_there, f"{block.id}: {shown.pattern}\n{answer}"
    finally:
        shell.close()


def as_pasted(commands: str, demo: Demo) -> str:
    """With what a reader fills in: the lines that `make run` prints, and the address of the server."""
    for name, value in demo.printed.items():
        commands = re.sub(rf"(?m)^{name}=.*(?:…|8000)$", f"{name}={value}", commands)
    return commands.replace("http://127.0.0.1:8000", demo.printed["URL"])
