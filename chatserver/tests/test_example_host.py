"""docs/examples/host: a product and ChatServer, started by one command, used in browsers, and killed in the middle."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.page import complaints_of
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.waiting import wait_for

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

STORED = (
    "SELECT position FROM events_event WHERE kind = 0 AND type LIKE 'message.%%' AND position > %s ORDER BY position"
)
WAITING = "SELECT id FROM webhooks_delivery WHERE state = 0"
ESTABLISHED = "01"


class Example:
    """The running example. `webhooks` are the positions that came to the shop, in the order in which they came."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder = folder
        self._env = env
        self._ports = [free_port(), free_port()]
        self.url = f"http://127.0.0.1:{self._ports[1]}"
        self._webhook_workers: list[subprocess.Popen[bytes]] = []
        self.start()

    def start(self) -> None:
        chat_port, shop_port = map(str, self._ports)
        # As from a script, with &.
        command = ["env", "--ignore-signal=INT", sys.executable, "docs/examples/host/run.py"]
        command += ["--chat-port", chat_port, "--shop-port", shop_port]
        env = self._env | {"PYTHONPATH": str(PROJECT / "clients" / "python")}
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(self._folder)], cwd=PROJECT, env=env, stdout=log, stderr=log
            )
        for port in self._ports:
            wait_for(lambda port=port: is_listening(port), 120, f"port {port}; see {self._folder}/log")

    def start_webhook_worker(self) -> subprocess.Popen[bytes]:
        """One apart, with the settings of the server."""
        (server, *_) = self.children("manage.py serve")
        command = [sys.executable, "manage.py", "run_workers"]
        with (self._folder / "log").open("ab") as log:
            worker = subprocess.Popen(command, cwd=PROJECT, env=server.environ(), stdout=log, stderr=log)
        self._webhook_workers.append(worker)
        return worker

    def children(self, what: str) -> list[psutil.Process]:
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in found if what in " ".join(child.cmdline())]

    def output(self) -> str:
        return (self._folder / "log").read_text()

    def kill(self) -> None:
        """kill -9 of all of it."""
        for process in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
            process.kill()
        self.process.wait()

    def end(self) -> None:
        """As Ctrl-C does."""
        for worker in self._webhook_workers:
            worker.kill()
            worker.wait()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def webhooks(self) -> list[int]:
        with sqlite3.connect(self._folder / "shop.sqlite3") as shop:
            return [row[0] for row in shop.execute("SELECT position FROM shop_chatevent WHERE type LIKE 'message.%'")]

    def has_unread_request(self) -> bool:
        """Whether the shop was sent something that it has not read."""
        here = f":{self._ports[1]:04X}"
        connections = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
        unread = [
            each[4].partition(":")[2] for each in connections if each[1].endswith(here) and each[3] == ESTABLISHED
        ]
        return any(int(count, 16) for count in unread)

    def log(self, after: int) -> list[int]:
        return self.sql(STORED, after)

    def sql(self, statement: str, *values: int) -> list[int]:
        connection = psycopg2.connect(self._env["DATABASE_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            found = [row[0] for row in cursor.fetchall()]
        connection.close()
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def example(databases: Databases, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Example]:
    """With the settings that a test asks for."""
    env = {
        "PATH": os.environ["PATH"],
        **databases.env_of(databases.create(databases.migrated)),
        "DEBUG": "True",
        "ALLOWED_HOSTS": "",
        **getattr(request, "param", {}),
    }
    started = Example(tmp_path, env)
    yield started
    started.end()


@pytest.fixture
def enter(chromium: Browser, example: Example) -> Callable[[str], Page]:
    def sign_in(username: str) -> Page:
        page = chromium.new_context().new_page()
        page.goto(f"{example.url}/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", "demo")
        page.click("main button")
        return page

    return sign_in


def say(page: Page, text: str) -> None:
    page.get_by_label("Write a message").fill(text)
    page.keyboard.press("Enter")


def test_its_pages_ask_for_nothing_that_is_not_there(example: Example, enter: Callable[[str], Page]) -> None:
    page = enter("anna")
    complaints = complaints_of(page, "error", "warning")
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
    page.reload()
    expect(page.locator("chat-inbox .room").first).to_be_visible()
    page.get_by_role("link", name="Bicycle").click()
    expect(page.locator("chat-room form")).to_be_visible()
    # A headless browser does not ask for it by itself.
    icon = page.locator("link[rel=icon]").get_attribute("href")
    assert page.request.get(f"{example.url}{icon}").status == 200
    assert complaints == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_it(example: Example, number: signal.Signals) -> None:
    children = example.children("")
    assert len(children) > 2
    example.process.send_signal(number)
    assert example.process.wait(60) == 0
    wait_for(lambda: not any(map(is_alive, children)), what="the processes to end")


def test_it_ends_with_its_chatserver(example: Example) -> None:
    children = example.children("")
    (server,) = (child for child in children if "serve" in child.cmdline() and child.ppid() == example.process.pid)
    server.kill()
    assert example.process.wait(60) == 1
    assert "ChatServer has ended" in example.output()
    wait_for(lambda: not any(map(is_alive, children)), 60, "the processes to end")


def test_two_customers_and_an_agent_lose_nothing(example: Example, enter: Callable[[str], Page]) -> None:
    """Through kill -9 of a worker, then of everything; each message reaches the shop once, as in the log."""
    start = max(example.log(0), default=0)
    anna, ben, sam = (enter(name) for name in ("anna", "ben", "sam"))
    for page in (anna, ben):
        page.get_by_role("link", name="Bicycle" if page is anna else "Lamp").click()
        expect(page.locator("chat-room form")).to_be_visible()
    assert "Bicycle" not in ben.content()
    say(anna, "Is it on its way?")
    expect(sam.locator("chat-inbox .room", has_text="Is it on its way?")).to_be_visible()
    sam.locator("chat-inbox .room", has_text="Bicycle").click()
    expect(sam.locator("chat-room .bubble")).to_contain_text(["Is it on its way?"])

    (worker, *_) = example.children("multiprocessing")
    worker.kill()
    say(sam, "It left this morning.")
    expect(anna.locator("chat-room .bubble").last).to_contain_text("It left this morning.", timeout=30_000)
    example.kill()
    say(anna, "Written while everything was away")
    example.start()
    expect(sam.locator("chat-room .bubble").last).to_contain_text("Written while everything was away", timeout=60_000)
    say(ben, "And mine?")
    expect(anna.locator("chat-room .bubble")).to_have_count(3)
    expect(ben.locator("chat-room .mine[data-seq]")).to_have_count(1)

    wait_for(lambda: len(example.webhooks()) >= len(example.log(start)), 60, "the webhooks")
    assert sorted(example.webhooks()) == example.log(start)
    assert len(example.log(start)) == 6  # four texts, and that the agent joined both rooms


@pytest.mark.parametrize("example", [{"CHAT_SERVE_WEBHOOKS": "False"}], indirect=True)
def test_a_webhook_worker_that_is_killed_in_the_middle_loses_nothing(
    example: Example, enter: Callable[[str], Page]
) -> None:
    """What it had just sent is sent once more by the next one, and stored once."""
    start = max(example.log(0), default=0)
    worker = example.start_webhook_worker()
    anna = enter("anna")
    anna.get_by_role("link", name="Bicycle").click()
    say(anna, "Is it on its way?")
    wait_for(lambda: len(example.webhooks()) == 1, 60, "the first webhook")

    (shop,) = example.children("runserver")
    shop.suspend()
    say(anna, "Sent, and not answered")
    wait_for(example.has_unread_request, what="the second webhook")
    worker.kill()
    shop.resume()
    wait_for(lambda: len(example.webhooks()) == 2, what="the second webhook to be stored")
    say(anna, "While nobody delivers")
    wait_for(lambda: len(example.log(start)) == 3, what="the third message")
    assert len(example.sql(WAITING)) == 1  # nobody knows that the shop has it
    example.start_webhook_worker()
    wait_for(lambda: len(example.webhooks()) >= 3 and not example.sql(WAITING), 60, "the webhooks")
    assert example.webhooks() == example.log(start)
