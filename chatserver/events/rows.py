"""A row of the log as it travels: from the database, over the channel layer, into each process's hub."""

import time
from typing import Any, NamedTuple

import msgspec

from chatserver.events.models import Kind
from chatserver.times import api_time_of

COLUMNS = (
    "position, kind, topic, type, actor_id, room_id, message_id, extract(epoch FROM at)::float8, body, user_ids, "
    "thread, about_seq"
)
# For readers that need no bodies.
COLUMNS_WITHOUT_BODY = COLUMNS.replace(" body,", " '',")


class Row(NamedTuple):
    """`message_id` is that of the message which the body shows, if it shows one. `at` is in seconds since 1970, `body`
    is JSON text. `user_ids` are the people whom a row of another kind than EVENT concerns; of an EVENT, whom it names.
    `thread` is JSON text, too, of a reply. `about_seq` is given where an event is about something that may be older
    than somebody's right to hear of it.

    An ephemeral event (typing, presence) is a Row with position 0 that never was in the log.
    """

    position: int
    kind: int
    topic: str
    type: str
    actor_id: int | None
    room_id: int | None
    message_id: int | None
    at: float
    body: str
    user_ids: list[int] | None = None
    thread: str | None = None
    about_seq: int | None = None

    @property
    def is_event(self) -> bool:
        return self.kind == Kind.EVENT

    def is_visible_from(self, seq: int) -> bool:
        """Whether it is for those who hear what is about this seq and later ones."""
        return self.about_seq is None or self.about_seq >= seq


def event_json(row: Row) -> str:
    """The event as the stream's `data:` and as GET /api/v1/events/ show it. One line: the body is JSON already."""
    position = f'"position":{row.position},' if row.position else ""
    thread = "" if row.thread is None else f',"thread":{row.thread}'
    return (
        f'{{{position}"type":"{row.type}","room_id":{_number(row.room_id)},"actor_id":{_number(row.actor_id)},'
        f'"at":"{api_time_of(row.at)}","data":{row.body}{thread}}}'
    )


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def ephemeral_row(event_type: str, body: str, room_id: int | None = None, about_seq: int | None = None) -> Row:
    """An ephemeral event of now."""
    return Row(0, Kind.EVENT, "", event_type, None, room_id, None, time.time(), body, about_seq=about_seq)


def from_wire(fields: Any) -> Row:
    """The row that another process sent; msgspec.ValidationError where these are not its fields."""
    return msgspec.convert(fields, Row)
