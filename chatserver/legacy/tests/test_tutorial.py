"""The front-end of the Redis tutorial, unchanged: its requests and messages, and its Socket.IO client, in Chromium."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

pytestmark = pytest.mark.clients

TUTORIAL = Path(__file__).parent / "tutorial"
LIBRARY = TUTORIAL / "node_modules/socket.io-client/dist/socket.io.js"


@pytest.fixture(scope="module")
def site(start_shared_service: Callable[..., Service]) -> Service:
    """Its people are served by either of two processes."""
    return start_shared_service(workers=2, CHAT_PASSWORDLESS_LOGIN="True")


class Person:
    """Somebody with the front-end open, in a browser of their own."""

    def __init__(self, site: Service, chromium: Browser) -> None:
        assert LIBRARY.exists(), "make test-clients installs the npm packages"
        self.name = f"p{uuid.uuid4().hex[:12]}"
        self.context = chromium.new_context()
        self.page: Page = self.context.new_page()
        self.page.route("**/tutorial", lambda route: route.fulfill(path=TUTORIAL / "page.html"))
        self.page.route("**/socket.io.js", lambda route: route.fulfill(path=LIBRARY))
        self.page.goto(f"{site.url}/tutorial")
        self.sign_in()

    def sign_in(self) -> None:
        found = self.page.evaluate("name => signIn(name)", self.name)
        self.id, self.rooms = found["user"]["id"], found["rooms"]
        self.page.wait_for_function("socket.connected && source.readyState === EventSource.OPEN")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.page.evaluate("([method, path, body]) => ask(method, path, body)", [method, path, body])
        assert answer["status"] < 300, answer
        return answer["body"]

    def say(self, room: str, *texts: str) -> None:
        self.page.evaluate(
            "([room, texts, from]) => texts.forEach(text => say(room, text, from))", [room, list(texts), self.id]
        )

    def heard(self, event_type: str) -> list[Any]:
        return [each["data"] for each in self.page.evaluate("heard.stream") if each["type"] == event_type]

    def heard_texts(self, room: str) -> list[str]:
        return [each["message"] for each in self.heard("message") if each["roomId"] == room]


@pytest.fixture
def people(site: Service, chromium: Browser) -> Iterator[Callable[[], Person]]:
    opened: list[Person] = []

    def arrive() -> Person:
        opened.append(Person(site, chromium))
        return opened[-1]

    yield arrive
    for person in opened:
        assert person.page.evaluate("heard.socket") == []
        person.context.close()


def test_what_one_says_everybody_hears_once_and_by_the_stream_alone(people: Callable[[], Person]) -> None:
    pablo, mary = people(), people()
    texts = [f"{number} <b>\u2028\x1e {pablo.name}" for number in range(20)]
    assert pablo.ask("GET", "/me") == {"id": pablo.id, "username": pablo.name}
    assert pablo.rooms == [{"id": "0", "names": ["General"]}]
    pablo.say("0", *texts[:10])
    for text in texts[10:]:
        pablo.say("0", text)
    for person in (pablo, mary):
        wait_for(lambda person=person: set(texts) <= set(person.heard_texts("0")))
        assert [text for text in person.heard_texts("0") if text in texts] == texts
    (first,) = [each for each in mary.heard("message") if each["message"] == texts[0]]
    assert first["from"] == int(pablo.id)
    room = mary.ask("GET", "/room/0/preload")
    assert (room["id"], room["name"], len(room["messages"])) == ("0", "General", 20)
    assert room["messages"][0]["message"] == texts[-1]


def test_two_open_a_room_of_their_own(people: Callable[[], Person]) -> None:
    pablo, mary, outsider = people(), people(), people()
    room = mary.ask("POST", "/room", {"user1": pablo.id, "user2": mary.id})["id"]
    assert room == f"{pablo.id}:{mary.id}"
    wait_for(lambda: [each["id"] for each in pablo.heard("show.room")] == [room])
    pablo.say(room, "just us")
    for person in (pablo, mary):
        wait_for(lambda person=person: person.heard_texts(room) == ["just us"])
    assert (outsider.heard("show.room"), outsider.heard_texts(room)) == ([], [])


def test_who_has_come_is_listed(people: Callable[[], Person]) -> None:
    """The stream tells it in small rooms (test_stream.py), and General is none."""
    pablo, mary = people(), people()
    wait_for(lambda: mary.id in pablo.ask("GET", "/users/online"))


def test_one_signs_out_and_in_again(people: Callable[[], Person]) -> None:
    pablo = people()
    user_id = pablo.id
    assert pablo.page.evaluate("signOut()")["status"] == 200
    assert pablo.ask("GET", "/me") is None
    pablo.sign_in()
    assert pablo.id == user_id
    pablo.say("0", f"again {pablo.name}")
    wait_for(lambda: f"again {pablo.name}" in pablo.heard_texts("0"))


def test_before_one_signs_in_there_are_links_and_a_name(site: Service) -> None:
    assert httpx.get(f"{site.url}/me").json() is None
    assert httpx.get(f"{site.url}/links").json() == {}
    name = httpx.get(f"{site.url}/randomname").json()
    assert httpx.post(f"{site.url}/login", json={"username": name, "password": "password123"}).status_code == 200
    assert httpx.get(f"{site.url}/room/0/preload").status_code == 401


def test_what_is_said_during_a_restart_is_sent_after_it(
    chromium: Browser, start_service: Callable[..., Service]
) -> None:
    site = start_service(workers=2, CHAT_PASSWORDLESS_LOGIN="True")
    pablo = Person(site, chromium)
    site.terminate()
    pablo.page.wait_for_function("!socket.connected")
    pablo.say("0", "into the gap")
    assert site.process is not None
    site.process.wait(30)
    site.start()
    wait_for(lambda: pablo.heard_texts("0") == ["into the gap"], 30)
    pablo.context.close()


# Its threads would wait for the poll that is under way.
PYTHON_CLIENT = """
import os, socketio, sys
client = socketio.Client()
client.connect(sys.argv[1], headers={"Cookie": sys.argv[2]})
client.emit("room.join", "0")
client.emit("message", {"roomId": "0", "message": sys.argv[3]})
print(client.transport(), flush=True)
sys.stdin.read()
os._exit(0)
"""


def test_a_client_of_python_emits(site: Service) -> None:
    text = f"from python {uuid.uuid4()}"
    with httpx.Client(base_url=site.url) as person:
        person.post("/login", json={"username": f"p{uuid.uuid4().hex[:12]}", "password": "any"})
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        command = [sys.executable, "-c", PYTHON_CLIENT, site.url, cookie, text]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            wait_for(lambda: person.get("/room/0/messages").json()[0]["message"] == text)
            assert client.communicate("")[0] == "polling\n"
