"""What the tests of how people appear share: a clock, a room, what is told there, and the choice to be invisible."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from chatserver.events import broadcast
from chatserver.events.sequencer import sequence
from chatserver.tests.harness.presence import MINE, Told
from rooms.actions.rooms import create_room
from rooms.models import Kind, Room
from users import activity, presence
from users.actions.presence import note_choice
from users.models import User
from users.presence_changes import take_changes


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The second it is, for presence and activity alone."""
    now = [1_800_000_000.0]
    for module in (presence, activity):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: now[0]))
    return now


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    made = create_room(alice, [bob], name="two", kind=Kind.CLOSED)
    while sequence():
        pass
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, room: Room) -> Iterator[Told]:
    """How others are told that people appear."""
    found: Told = []

    def send(events: list[tuple[list[str], str, str]]) -> None:
        for topics, event_type, body in events:
            data = broadcast.msgspec.json.decode(body)
            assert (topics, event_type) == ([room.topic], "presence.changed")
            assert set(data) == {"id", "username", "online", "status"}
            assert data["online"] == (data["status"] != "offline")
            found.append((data["id"], data["status"]))

    take_changes()
    monkeypatch.setattr(broadcast, "send_ephemerals", send)
    yield found
    take_changes()


@pytest.fixture
def choose(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Choose to be invisible, or no longer; returns the answer."""

    def put(client: Any, is_invisible: bool) -> Any:
        with django_capture_on_commit_callbacks() as callbacks:
            answer = client.put(MINE, {"invisible": is_invisible}, "json")
        # Not what numbers the events: it would take them from the recorder.
        for callback in callbacks:
            if getattr(callback, "func", None) is note_choice:
                callback()
        return answer

    return put
