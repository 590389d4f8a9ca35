"""The wire format of the stream, text/event-stream: see https://html.spec.whatwg.org/multipage/server-sent-events.html

Every `data:` here is JSON in one line: a line break in a text is an escape in it, so no text can end a field.
"""

import random
from typing import Any

from chatserver.events.log import encode
from chatserver.events.rows import Row, event_json

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
RETRY_MILLISECONDS = (2000, 8000)


def body_message(body: bytes) -> dict[str, Any]:
    """A part of the answer, as ASGI has it; more follows. It is only read, so that streams may share it."""
    return {"type": "http.response.body", "body": body, "more_body": True}


def event_frame(row: Row) -> bytes:
    """One event. An ephemeral one has no id, so it does not move the client's Last-Event-ID."""
    head = f"id: {row.position}\nevent: {row.type}\n" if row.position else f"event: {row.type}\n"
    return f"{head}data: {event_json(row)}\n\n".encode()


def control_frame(name: str, data: dict[str, Any], position: int | None = None, *, retry: bool = False) -> bytes:
    """hello, reset or bye; with `retry`, also when to come back."""
    head = f"id: {position}\n" if position is not None else ""
    wait = f"retry: {retry_milliseconds()}\n" if retry else ""
    return f"{wait}{head}event: {name}\ndata: {encode(data)}\n\n".encode()


def position_frame(position: int) -> bytes:
    """The heartbeat: an id without data moves the browser's Last-Event-ID and dispatches nothing."""
    return f"id: {position}\n\n".encode()


def retry_milliseconds() -> int:
    """Spread out, so that not all clients come back at once."""
    return random.randint(*RETRY_MILLISECONDS)  # noqa: S311 - a spread, no secret
