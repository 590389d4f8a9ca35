"""Events, and how they are read from the bytes of a stream."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
# An event has at most a message of 4,000 characters and some people. More is no stream of this server.
MAX_EVENT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as docs/api.md lists it.

    `position` is its place in the log: give the last one to `events(after=…)` to go on behind it. None for what is not
    stored: typing and presence. `data` is the object that it is about, `at` a time as text (ISO 8601, UTC). `thread`
    has the totals of a thread, where a reply was sent or removed.

    An event of the type "reset" says that the server can't tell what happened before `position`: fetch anew what you
    hold. `data` is {"reason", "position"} then.
    """

    type: str
    data: dict[str, Any]
    position: int | None = None
    room_id: int | None = None
    actor_id: int | None = None
    at: str | None = None
    thread: dict[str, Any] | None = None


class Frame(NamedTuple):
    """One event of a text/event-stream. `id` and `retry` (milliseconds) are None where it has none."""

    name: str
    data: str
    id: str | None
    retry: int | None


class FrameParser:
    """Takes the bytes of one stream as they come, cut anywhere. See https://html.spec.whatwg.org/multipage/server-sent-events.html

    What was not ended by an empty line is never returned: it may have been cut off.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._size = 0
        self._clear()

    def _clear(self) -> None:
        self._name, self._data = "", list[str]()
        self._id: str | None = None
        self._retry: int | None = None

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """The events that this piece ends. ValueError for one that is larger than any of this server."""
        lines = LINE_END.split(self._rest + piece)
        self._rest = lines.pop()
        self._size += len(piece)
        for line in lines:
            if not line:
                if self._data:
                    yield Frame(self._name, "\n".join(self._data), self._id, self._retry)
                self._clear()
                self._size = len(self._rest)
            else:
                self._read(line)
        if self._size > MAX_EVENT_BYTES:
            raise ValueError("an event is larger than this server sends")

    def _read(self, line: bytes) -> None:
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)


def event_of(body: str) -> Event:
    """The event in the data of a frame, or in the body of a webhook. ValueError for anything else."""
    found = json.loads(body)
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise ValueError("this is no event")
    return event_in(found)


def event_in(found: dict[str, Any]) -> Event:
    """The event in its JSON form."""
    return Event(
        found["type"],
        found.get("data") or {},
        found.get("position"),
        found.get("room_id"),
        found.get("actor_id"),
        found.get("at"),
        found.get("thread"),
    )
