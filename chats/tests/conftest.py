"""Rooms to write in: alice and bob are in them, charlie is not. And what tests of the page share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from chats.actions.messages import send_message
from chats.models import Message
from chats.typing_pauses import TYPING_SHOWN_SECONDS
from chatserver.events import broadcast
from chatserver.storage.redis_client import redis_client, redis_key
from chatserver.tests.harness.history import room_url
from chatserver.tests.harness.newcomers import Story, tell_story
from chatserver.tests.harness.outbox import Recorder
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.states import ACT_AS
from chatserver.tests.harness.typing import Told
from rooms.actions.rooms import create_room
from rooms.models import Kind, Room
from users.models import User

TALK = [
    ("Kyle", "Morning! The notes for **2.4** are ready:\n- faster search\n- `PATCH` clears what is null\n- sections"),
    ("Taylor", "Reads well. One question: does the upgrade need a restart?"),
    ("Adam", "No. `kill -HUP` is enough:\n```\nkill -HUP $(cat var/run/serve.pid)\n```"),
    ("Taylor", "> No\nEven better \N{PARTY POPPER}"),
    ("Kyle", "Then I tag it at noon. Anything else before that?"),
    ("Adam", "The screenshots. I make them now."),
]  # fmt: skip


@pytest.fixture
def closed(alice: User, bob: User) -> Room:
    return create_room(alice, [bob], name="The closed room", kind=Kind.CLOSED)


@pytest.fixture
def open_room(alice: User, bob: User) -> Room:
    return create_room(alice, [bob], name="The open room", kind=Kind.OPEN)


@pytest.fixture
def root(alice: User, closed: Room) -> Message:
    """A message of alice's, which others reply to."""
    return send_message(alice, closed.pk, "What shall we eat?")[0]


@pytest.fixture
def story(alice: User, bob: User, charlie: User) -> Story:
    return tell_story(alice, bob, charlie)


@pytest.fixture
def note(api_of: Any, alice: User, closed: Room) -> Message:
    """alice has renamed the room."""
    assert api_of(alice).patch(room_url(closed), {"name": "Tea"}, "json").status_code == 200
    return Message.objects.get(room=closed, is_system=True)


@pytest.fixture
def recorder(db: Any) -> Callable[[], Recorder]:
    """Make one just before the request whose events are of interest."""
    return Recorder


@pytest.fixture(scope="module")
def site(start_shared_service: Callable[..., Service]) -> Service:
    """A service where demo people come in with one click."""
    return start_shared_service(CHAT_PASSWORDLESS_LOGIN="True")


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context()
    yield opened
    opened.close()


@pytest.fixture
def other_context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context()
    yield opened
    opened.close()


@pytest.fixture
def acting(chromium: Browser, site: Service) -> Iterator[Callable[..., Any]]:
    """acting("Kyle", "/api/v1/chats/", {…}): what the service answers them."""
    contexts: dict[str, BrowserContext] = {}
    pages: dict[str, Page] = {}

    def act(name: str, path: str, body: object = None, method: str = "POST") -> Any:
        if name not in pages:
            contexts[name] = chromium.new_context()
            pages[name] = contexts[name].new_page()
            pages[name].goto(f"{site.url}/")
        return pages[name].evaluate(ACT_AS, [site.url, name, path, body, method])

    yield act
    for context in contexts.values():
        context.close()


@pytest.fixture
def talk(acting: Callable[..., Any]) -> Iterator[int]:
    """A room where three people have talked, with reactions, a thread and a pin."""
    body = {"name": "Release", "kind": "closed", "description": "What ships, and when", "members": [2, 3]}
    room: int = acting("Adam", "/api/v1/rooms/", body)["id"]
    said = [acting(name, "/api/v1/chats/", {"room_id": room, "message": text})["id"] for name, text in TALK]
    for name, message, emoji in (
        ("Adam", 0, "\N{PARTY POPPER}"),
        ("Taylor", 0, "\N{PARTY POPPER}"),
        ("Kyle", 2, "\N{THUMBS UP SIGN}"),
    ):
        acting(name, f"/api/v1/messages/{said[message]}/reactions/{emoji}/", None, "PUT")
    for name, text in (
        ("Kyle", "Nothing from me."),
        ("Taylor", "Please wait for the translation, it comes at **eleven**."),
    ):
        acting(name, "/api/v1/chats/", {"room_id": room, "message": text, "parent_id": said[4]})
    acting("Adam", f"/api/v1/messages/{said[0]}/pin/", None, "PUT")
    yield room
    acting("Adam", f"/api/v1/rooms/{room}/", None, "DELETE")


@pytest.fixture
def typing_told(monkeypatch: pytest.MonkeyPatch, closed: Room) -> Iterator[Told]:
    """What is announced: the type, the thread and the person."""
    found: Told = []

    def send(topics: list[str], event_type: str, body: str, room_id: int | None, about_seq: int | None) -> None:
        data = broadcast.msgspec.json.decode(body)
        assert (topics, room_id, data["room_id"]) == ([closed.topic], closed.pk, closed.pk)
        assert data.get("expires_in") == (TYPING_SHOWN_SECONDS if event_type == "typing.started" else None)
        found.append((event_type, data["parent_id"], data["user_id"]))

    monkeypatch.setattr(broadcast, "send_ephemeral", send)
    yield found
    for key in redis_client().scan_iter(f"{redis_key('typing', closed.pk)}:*"):
        redis_client().delete(key)
