"""The rows of the log, as PostgreSQL has them, and the operations of writers that they tell of."""

import json
import re
import zlib
from collections.abc import Hashable
from typing import Any, NamedTuple

import psycopg2

# What a writer did, as something that can be counted: where it was answered, and where the log tells of it.
Operation = tuple[Hashable, ...]
MESSAGE = "message.created"
TYPES = (MESSAGE, "room.created", "member.added", "member.removed")
EVENT, SUBSCRIBE, UNSUBSCRIBE, REVOKE = range(4)
# As bodies show a person: a flat object that begins so.
PERSON = re.compile(rb'\{"id":(\d+),"username":(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}')
ROWS = (
    "SELECT position, kind, topic, type, actor_id, room_id, "
    "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), body, user_ids "
    "FROM events_event WHERE position > %s ORDER BY position LIMIT %s"
)


class Row(NamedTuple):
    """`digest` is of the `data:` line that clients have to get, `size` of the body. Bodies are not kept."""

    position: int
    kind: int
    topic: str
    type: str = ""
    user_ids: frozenset[int] = frozenset()
    digest: int = 0
    size: int = 0
    operation: Operation | None = None
    # Of a message: its number in its room.
    room_id: int | None = None
    seq: int = 0
    # Of REVOKE: what ends; None: everything of the user.
    credential: str | None = None
    # A user's read marker and where it is from here on, as (room, user, seq).
    marker: tuple[int, int, int] | None = None
    # Of room.left: the room and the user.
    left: tuple[int, int] | None = None


def digest_of(data: bytes) -> int:
    """Of the `data:` line of an event. People count by their ids: who is deleted has no name any more."""
    return zlib.crc32(PERSON.sub(rb'{"id":\1}', data))


def read_rows(cursor: "psycopg2.extensions.cursor", after: int, limit: int | None = None) -> list[Row]:
    """The rows behind a position, in their order."""
    cursor.execute(ROWS, [after, limit])
    return [read_row(fields) for fields in cursor.fetchall()]


def read_row(fields: tuple[Any, ...]) -> Row:
    position, kind, topic, row_type, actor_id, room_id, at, text, user_ids = fields
    facts = f'"room_id":{json.dumps(room_id)},"actor_id":{json.dumps(actor_id)},"at":"{at}","data":{text}'
    digest = digest_of(f'{{"position":{position},"type":"{row_type}",{facts}}}'.encode())
    body = json.loads(text)
    return Row(
        position,
        kind,
        topic,
        row_type,
        frozenset(user_ids or ()),
        digest,
        len(text),
        operation_of(row_type, body) if kind == EVENT else None,
        room_id,
        body["seq"] if row_type == MESSAGE else 0,
        body["credential"] if kind == REVOKE else None,
        marker_of(row_type, body),
        (body["room_id"], int(topic.removeprefix("user:"))) if row_type == "room.left" else None,
    )


def marker_of(row_type: str, body: dict[str, Any]) -> tuple[int, int, int] | None:
    match row_type:
        case "message.created" if body.get("kind") != "system":  # who sends has read
            return body["room_id"], body["sent_by"], body["seq"]
        case "read.updated":
            return body["room_id"], body["user_id"], body["seq"]
        case "member.added":
            return body["room_id"], body["user"]["id"], body["read_seq"]
    return None


def operation_of(row_type: str, body: dict[str, Any]) -> Operation | None:
    """The operation that an event tells of; None where nobody counts it."""
    match row_type:
        case "message.created" if body["client_message_id"] is not None:
            return MESSAGE, body["client_message_id"]
        case "room.created" if body["name"]:
            return row_type, body["name"]
        case "member.added":  # it may have been read after the deletion of the person
            return row_type, body["room_id"], body["user"]["id"]
        case "member.removed" if not body["user"]["is_deleted"]:  # else nobody did it
            return row_type, body["room_id"], body["user"]["id"]
    return None
