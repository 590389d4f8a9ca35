"""The JavaScript client (clients/js): its types are current, its package is whole, it misses nothing in Chromium."""

import asyncio
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from benchmarks.torture.proxy import Proxy
from chatserver.events.javascript import client_types
from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.service import PROJECT, Service
from chatserver.tests.harness.waiting import wait_for

CLIENT = PROJECT / "clients/js"
SOURCES = sorted(path.name for path in (CLIENT / "src").iterdir())
# A program in TypeScript that uses what the types promise.
USER = """
import { ChatClient, ChatError, type ChatEvent, type Message } from "chatserver-client";
const chat = new ChatClient({ url: "http://127.0.0.1:1", token: async () => null });
chat.on("event", (event: ChatEvent) => {
  if (event.type === "message.created") { const text: string = event.data.message; console.log(text, event.position); }
  // @ts-expect-error: typing has no position
  if (event.type === "typing.started") console.log(event.position);
});
// @ts-expect-error: there is no such event
chat.on("evnt", () => {});
const messages: Message[] = chat.openTimeline(3).messages;
console.log(messages.length, chat.store.roomList()[0]?.last_message?.message);
chat.connect().catch((error: ChatError) => { console.log(error.status); chat.close(); });
"""
# The client with a clock that is twenty times as fast: the waits between attempts are what takes time here.
START = """
async ([token, room]) => {
  const { ChatClient } = await import("/static/chats/client/index.js");
  const clock = {
    now: () => Date.now(),
    setTimeout: (act, wait) => setTimeout(act, wait / 20),
    clearTimeout: (timer) => clearTimeout(timer),
    random: () => Math.random(),
  };
  const chat = (window.chat = new ChatClient({ token, clock }));
  window.positions = [];
  chat.on("event", ({ position }) => position && window.positions.push(position));
  chat.on("loaded", () => (window.isLoaded = true));
  await chat.connect();
  window.timeline = chat.openTimeline(room);
}
"""
# A second client fetches everything afresh, and what both show is compared.
COMPARE = """
async ([token, room]) => {
  const { ChatClient } = await import("/static/chats/client/index.js");
  const fresh = new ChatClient({ token, share: false, storage: null });
  const loaded = new Promise((resolve) => fresh.on("loaded", resolve));
  await fresh.connect();
  await loaded;
  const timeline = fresh.openTimeline(room);
  while (!timeline.isLoaded) await new Promise((resolve) => setTimeout(resolve, 10));
  while (timeline.hasOlder) await timeline.loadOlder();
  const shown = ({ store }) => store.roomList().map(({ place, ...room }) => room);
  const result = {
    rooms: [shown(window.chat), shown(fresh)],
    messages: [window.timeline.messages, timeline.messages],
  };
  fresh.close();
  return result;
}
"""


def test_the_types_are_those_of_the_catalogue() -> None:
    is_current = (CLIENT / "src/schema.js").read_text() == client_types()
    assert is_current, "clients/js is behind the catalogue: run `manage.py describe_events`"


def test_the_page_and_others_can_load_it_from_the_server(granian: Service) -> None:
    for name in SOURCES:
        answer = httpx.get(f"{granian.url}/static/chats/client/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["access-control-allow-origin"] == "*"


def run(*command: str | Path, folder: Path, **env: str) -> str:
    """What a command prints. AssertionError where it fails."""
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, env={**path, **env}, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tsc(*arguments: str, folder: Path) -> None:
    compiler = CLIENT / "node_modules/typescript/bin/tsc"
    assert compiler.exists(), "make test-clients installs the npm packages"
    run(program("node", package="nodejs"), compiler, *arguments, folder=folder)


@pytest.mark.clients
def test_its_own_tests_pass_without_an_install(tmp_path: Path) -> None:
    copy = tmp_path / "js"
    shutil.copytree(CLIENT, copy, ignore=shutil.ignore_patterns("node_modules"))
    run(program("npm", package="npm"), "test", folder=copy)


@pytest.mark.clients
def test_tsc_finds_nothing_and_the_declarations_are_current(tmp_path: Path) -> None:
    tsc("--project", str(CLIENT), "--outDir", str(tmp_path), folder=CLIENT)
    made, kept = ({path.name: path.read_text() for path in folder.iterdir()} for folder in (tmp_path, CLIENT / "types"))
    assert made == kept, "the declarations are old: run `npm run types` in clients/js"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of somebody's in which the packed client is installed."""
    (packed,) = json.loads(run(program("npm", package="npm"), "pack", "--json", CLIENT, folder=tmp_path))
    declarations = {f"types/{name.removesuffix('.js')}.d.ts" for name in SOURCES}
    assert {file["path"] for file in packed["files"]} == {
        *("LICENSE", "README.md", "package.json"),
        *(f"src/{name}" for name in SOURCES),
        *declarations,
    }
    package = tmp_path / "node_modules/chatserver-client"
    package.mkdir(parents=True)
    run("tar", "-xzf", packed["filename"], "--strip-components", "1", "-C", package, folder=tmp_path)
    (tmp_path / "package.json").write_text('{"type":"module"}')
    return tmp_path


@pytest.mark.clients
def test_the_package_has_what_it_needs_and_types_for_its_users(installed: Path) -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    assert "dependencies" not in package
    assert (CLIENT / "LICENSE").read_text() == (PROJECT / "LICENSE").read_text()
    (installed / "user.ts").write_text(USER)
    tsc("--strict", "--module", "nodenext", "--target", "es2022", "user.ts", folder=installed)
    assert run(program("node", package="nodejs"), "user.js", folder=installed) == "0 undefined\n401\n"


@pytest.mark.clients
def test_the_blocks_of_the_docs_run_in_their_order(granian: Service, installed: Path) -> None:
    anna = granian.people()[0]
    blocks = [block.text for block in blocks_of(PROJECT / "docs/javascript.md") if block.kind == "js"]
    assert len(blocks) == 5
    (installed / "page.js").write_text("\n".join(blocks))
    printed = run(program("node", package="nodejs"), "page.js", folder=installed, CHAT=granian.url, TOKEN=anna.token)
    for shown in (f"I am {anna.name}", f"1 {anna.name} Hello", "sent as 1", "404 not_found"):
        assert shown in printed


class BadNetwork:
    """A proxy in front of a service, in a thread of its own."""

    def __init__(self, service: Service) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._proxy = Proxy(("127.0.0.1", service.port), Random(13))
        self._wait_for(self._proxy.start())
        self.url = f"http://127.0.0.1:{self._proxy.port}"

    def _wait_for(self, task: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(30)

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._proxy.cut, 1.0)

    def set(self, *, delay_seconds: float = 0, truncation: float = 0) -> None:
        self._proxy.delay_seconds, self._proxy.truncation = delay_seconds, truncation

    def close(self) -> None:
        self._wait_for(self._proxy.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def bad_network(service: Service) -> Iterator[BadNetwork]:
    network = BadNetwork(service)
    try:
        yield network
    finally:
        network.close()


@pytest.mark.timeout(240)
def test_in_chromium_nothing_is_lost_or_doubled_and_the_state_is_a_fresh_fetch(
    granian: Service, start_shared_service: Callable[..., Service], chromium: Browser
) -> None:
    """Through a proxy that cuts, delays and truncates, and a server that is killed."""
    service = start_shared_service(beside=granian)
    reader, writer = granian.people(2)
    room = writer.make_room(reader)
    said = 0

    def say(count: int) -> None:
        nonlocal said
        for _ in range(count):
            said += 1
            writer.send_text(f"text {said}", room)
            chat(f"send({{ room_id: {room} }}, 'mine {said}')")

    def chat(call: str) -> Any:
        return page.evaluate(f"void window.chat.{call}")

    with bad_network(service) as network:
        page = chromium.new_page()
        page.goto(f"{network.url}/healthz")
        page.evaluate(START, [reader.token, room])
        page.wait_for_function("window.isLoaded && window.timeline.isLoaded")
        for _ in range(3):
            say(3)
            network.cut()
            say(3)
        network.set(delay_seconds=0.05, truncation=0.1)
        for _ in range(4):
            say(3)
            writer.patch(f"/api/v1/rooms/{room}/", json={"name": f"renamed {said}"})
        service.kill()
        say(3)
        other_room = writer.make_room(reader)
        writer.send_text("in a room that the reader has not seen yet", other_room)
        service.start()
        say(3)
        network.set()
        wait_for(lambda: page.evaluate("window.chat.outbox.items.length") == 0, 60, "an empty outbox")
        page.wait_for_function(
            f"window.timeline.messages.filter((each) => each.kind === 'text').length === {2 * said}", timeout=60_000
        )
        page.wait_for_function(
            f"window.chat.state === 'live' && window.chat.store.rooms.has({other_room})", timeout=60_000
        )
        wait_for(lambda: same(page.evaluate(COMPARE, [reader.token, room])["rooms"]), 30, "the same rooms")
        found = page.evaluate(COMPARE, [reader.token, room])
        positions = page.evaluate("window.positions")
        page.evaluate("window.chat.close()")
        page.close()
    assert same(found["messages"])
    texts = [message["message"] for message in found["messages"][0] if message["kind"] == "text"]
    assert sorted(texts) == sorted(f"{who} {number + 1}" for who in ("text", "mine") for number in range(said))
    for who in ("text", "mine"):
        assert [text for text in texts if text.startswith(who)] == [f"{who} {number + 1}" for number in range(said)]
    assert positions == sorted(set(positions))


def same(pair: list[Any]) -> bool:
    return pair[0] == pair[1]
