"""docs/tutorial-django.md, followed literally: its files and commands, then two people who talk."""

import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.service import PROJECT, Service
from chatserver.tests.harness.waiting import wait_for

pytestmark = pytest.mark.clients

PAGE = PROJECT / "docs/tutorial-django.md"
SECRET = "0123456789abcdef0123456789abcdef"
# What is written to a file, and how: the sentence above the block names it.
FILE = re.compile(r"(Add to )?`(shop/\w+\.py)`")


def follow(folder: Path, env: dict[str, str]) -> None:
    """Run and write each block in its order."""
    text = PAGE.read_text()
    (folder / ".venv").symlink_to(PROJECT / ".venv")
    for block in blocks_of(PAGE):
        if block.reason is not None:
            continue
        if block.kind == "sh":
            # What it installs is here.
            lines = [line for line in block.text.splitlines() if "venv .venv" not in line and "pip install" not in line]
            subprocess.run(["sh", "-euc", "\n".join(lines)], cwd=folder, env=env, check=True, capture_output=True)
        else:
            above = text[: text.index(block.text)].rpartition("```")[0].rstrip().splitlines()[-1]
            found = FILE.search(above)
            assert found is not None, above
            target = folder / found[2]
            target.write_text((target.read_text() if found[1] else "") + block.text)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def shop(port: int, start_service: Callable[..., Service], tmp_path: Path) -> Iterator[str]:
    """The address of the project that the tutorial makes, beside a ChatServer with its settings."""
    (lines,) = re.findall(r"(?s)cat > \.env <<END\n(.*?)END\n", PAGE.read_text())
    told = dict(line.split("=", 1) for line in lines.splitlines())
    told |= {"CHAT_JWT_SECRETS": SECRET, "CHAT_CORS_ORIGINS": f"http://127.0.0.1:{port}"}
    service = start_service(**told)
    env = {"PATH": os.environ["PATH"], "CHAT_JWT_SECRET": SECRET, "CHAT_URL": service.url}
    follow(tmp_path, env)
    with (tmp_path / "log").open("wb") as log:
        command = [".venv/bin/python", "manage.py", "runserver", "--noreload", str(port)]
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: is_listening(port), what="the shop")
    yield url
    process.terminate()
    process.wait()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def come_in(browser: Browser, url: str, username: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{url}/admin/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", "demo")
    page.click("[type=submit]")
    page.goto(f"{url}/orders/551/")
    return page


def test_two_people_talk_about_an_order(chromium: Browser, shop: str) -> None:
    anna, ben = (come_in(chromium, shop, name) for name in ("anna", "ben"))
    expect(anna.get_by_role("heading", name="Order 551", level=2)).to_be_visible()
    for page in (anna, ben):
        expect(page.locator("chat-room form")).to_be_visible()
    anna.get_by_label("Write a message").fill("Is it on its way?")
    anna.keyboard.press("Enter")
    expect(ben.locator("chat-room .bubble")).to_contain_text(["Is it on its way?"])
    expect(ben.locator("chat-room .sender")).to_have_text("anna")
