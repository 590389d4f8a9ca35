"""The two tutorials in docs/, followed literally: their files and commands, then people who talk."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from chatserver.tests.harness.documents import Block, blocks_of
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

pytestmark = pytest.mark.clients

# What is written to a file, and how: the sentence above the block names it.
FILE = re.compile(r"([Aa]dd to )?`([\w/]+\.(?:py|m?js|html))`")
# `make run` serves on the port and with the data of this folder: the tests start a server of their own. What is
# installed is here.
REPLACED = {
    r"(?m)^make run\n": "",
    r"(?m)^python3 -m venv .venv$": f"ln -s {PROJECT}/.venv .venv",
    r"(?m)^\S+ -m pip install .*\n": "",
}
GOES_ON = re.compile(r"(?m)^(?:node|\S+ manage\.py runserver) .*\n\Z")


class Shop:
    """What a tutorial builds: a product beside a ChatServer. Each block is run or written in its order."""

    def __init__(self, page: Path, folder: Path, start_service: Callable[..., Service]) -> None:
        self._folder = folder
        self._start_service = start_service
        self._port = free_port()
        self._ports = {"8080": str(self._port)}
        self._env = {"PATH": os.environ["PATH"]}
        self.url = f"http://127.0.0.1:{self._port}"
        self.log = folder / "log"
        (folder / "chatserver").mkdir()
        for name in (".venv", "manage.py"):
            (folder / "chatserver" / name).symlink_to(PROJECT / name)
        for block in blocks_of(page):
            if block.reason is None and block.is_commands:
                self._run(block)
            elif block.reason is None:
                self._write(block)

    @property
    def _place(self) -> Path:
        """Where the reader is."""
        return shop if (shop := self._folder / "shop").exists() else self._folder

    def _with_ports(self, text: str) -> str:
        return re.sub(r"\b80[08]0\b", lambda port: self._ports[port[0]], text)

    def _run(self, block: Block) -> None:
        commands = self._with_ports(block.text)
        for pattern, instead in REPLACED.items():
            commands = re.sub(pattern, instead, commands)
        bash = ["bash", "-euc", commands]
        if GOES_ON.search(commands):
            with self.log.open("wb") as log:
                self._process = subprocess.Popen(
                    bash, cwd=self._place, env=self._env, stdout=log, stderr=log, start_new_session=True
                )
            wait_for(lambda: is_listening(self._port), 60, f"the shop; see {self.log}")
            return
        done = subprocess.run(bash, cwd=self._place, env=self._env, capture_output=True, text=True)
        assert done.returncode == 0, f"{block.id}: {done.stderr}"
        if "make run" in block.text:
            told = dict(line.split("=", 1) for line in (self._folder / "chatserver/.env").read_text().splitlines())
            service = self._start_service(**told)
            self._ports["8000"] = str(service.port)
            self._env = service.env | {"PYTHONPATH": str(PROJECT / "clients/python")}

    def _write(self, block: Block) -> None:
        text = block.page.read_text()
        above = text[: text.index(block.text)].rpartition("```")[0].rstrip().rpartition("\n\n")[2]
        *_, (is_added, name) = FILE.findall(above)
        target = self._place / name
        target.write_text((target.read_text() if is_added else "") + self._with_ports(block.text))

    def stop(self) -> None:
        """With what it started: Django's server is a child of the one that watches its files."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def shop(request: pytest.FixtureRequest, start_service: Callable[..., Service], tmp_path: Path) -> Iterator[Shop]:
    built = Shop(PROJECT / "docs" / request.param, tmp_path, start_service)
    yield built
    built.stop()


def come_in(browser: Browser, url: str, username: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(url)
    page.fill("[name=username]", username)
    page.fill("[name=password]", "demo")
    page.keyboard.press("Enter")
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Write a message").fill(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("shop", ["tutorial-django.md"], indirect=True)
def test_two_people_talk_about_an_order_of_a_django_app(chromium: Browser, shop: Shop) -> None:
    anna, ben = (come_in(chromium, f"{shop.url}/orders/551/", name) for name in ("anna", "ben"))
    expect(anna.get_by_role("heading", name="Order 551", level=2)).to_be_visible()
    for page in (anna, ben):
        expect(page.locator("chat-room form")).to_be_visible()
    say(anna, "Is it on its way?")
    expect(ben.locator("chat-room .bubble")).to_contain_text(["Is it on its way?"])
    expect(ben.locator("chat-room .sender")).to_have_text("anna")
    wait_for(lambda: "Is it on its way?" in shop.log.read_text(), what="the webhook")
    assert httpx.post(f"{shop.url}/chat-events/", content=b"{}").status_code == 400


@pytest.mark.parametrize("shop", ["tutorial-node.md"], indirect=True)
def test_a_customer_and_an_agent_talk_about_an_order_of_a_node_product(chromium: Browser, shop: Shop) -> None:
    anna, ben, sam = (come_in(chromium, shop.url, name) for name in ("anna", "ben", "sam"))
    expect(sam.locator("chat-inbox")).to_be_visible()
    anna.get_by_role("button", name="Order a bicycle").click()
    expect(anna.locator("chat-room form")).to_be_visible()
    say(anna, "Is it on its way?")
    sam.locator("chat-inbox .room", has_text="Is it on its way?").click()
    expect(sam).to_have_url(anna.url)
    expect(sam.locator("chat-room .sender")).to_have_text("Anna Berg")

    sam.get_by_role("link", name="drawn by hand").click()
    expect(sam.locator("li")).to_have_text(["Anna Berg: Is it on its way?"])
    sam.get_by_label("Message").fill("It left this morning.")
    sam.keyboard.press("Enter")
    expect(anna.locator("chat-room .bubble").last).to_contain_text("It left this morning.")
    expect(sam.locator("li").last).to_have_text("Sam of the shop: It left this morning.")
    wait_for(lambda: "It left this morning." in shop.log.read_text(), what="the webhook")

    expect(ben.locator("chat-inbox .empty")).to_be_visible()
    answer = ben.goto(anna.url)
    assert answer is not None
    assert answer.status == 404
    assert httpx.get(f"{shop.url}/chat-token").json() == {"token": None}
    assert httpx.post(f"{shop.url}/chat-events", content=b"{}").status_code == 400
