"""Rows of a log that nobody wrote, and what becomes of them on the wire."""

from chatserver.events.models import Kind
from chatserver.events.rows import Row


def row(
    position: int,
    topic: str = "room:1",
    row_type: str = "message.created",
    body: str = "{}",
    message_id: int | None = None,
    about_seq: int | None = None,
) -> Row:
    """An event of the log."""
    return Row(position, Kind.EVENT, topic, row_type, 1, 1, message_id, 0.0, body, about_seq=about_seq)


def ids_in(joined: bytes | None) -> list[int]:
    """The positions of events, joined as a stream is sent them."""
    return [int(line[4:]) for line in (joined or b"").splitlines() if line.startswith(b"id: ")]
