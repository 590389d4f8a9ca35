"""The wire format of the stream, text/event-stream: see https://html.spec.whatwg.org/multipage/server-sent-events.html

Every `data:` here is JSON in one line: a line break in a text is an escape in it, so no text can end a field. That
goes for the line breaks of Unicode, too, which JSON allows as they are and at which some clients split lines.
"""

import random
from typing import Any

from chatserver.events.log import encode
from chatserver.events.rows import Row, event_json

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # Without no-transform, compressing proxies keep the stream to themselves until their buffer is full.
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]
RETRY_MILLISECONDS = (2000, 8000)


def body_message(body: bytes) -> dict[str, Any]:
    """A part of the answer, as ASGI has it; more follows. It is only read, so that streams may share it."""
    return {"type": "http.response.body", "body": body, "more_body": True}


def event_frame(row: Row) -> bytes:
    """One event. An ephemeral one has no id, so it does not move the client's Last-Event-ID."""
    head = f"id: {row.position}\nevent: {row.type}\n" if row.position else f"event: {row.type}\n"
    return f"{head}data: {in_one_line(event_json(row))}\n\n".encode()


def in_one_line(json_text: str) -> str:
    """The same JSON with the line breaks of Unicode escaped; those of ASCII are escaped in all JSON."""
    if json_text.isascii():
        return json_text
    return json_text.replace("\x85", "\\u0085").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def control_frame(name: str, data: dict[str, Any], position: int | None = None, *, retry: bool = False) -> bytes:
    """hello, reset, bye or heartbeat; with `retry`, also when to come back."""
    head = f"id: {position}\n" if position is not None else ""
    wait = f"retry: {retry_milliseconds()}\n" if retry else ""
    return f"{wait}{head}event: {name}\ndata: {encode({'type': name, **data})}\n\n".encode()


def position_frame(position: int) -> bytes:
    """An id without data moves the browser's Last-Event-ID and dispatches nothing."""
    return f"id: {position}\n\n".encode()


def retry_milliseconds() -> int:
    """Spread out, so that not all clients come back at once."""
    return random.randint(*RETRY_MILLISECONDS)  # noqa: S311 - a spread, no secret
