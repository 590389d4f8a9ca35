"""Which messages a person may see: those of the rooms that they are in."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from chats.models import Message
from chats.records import MessageRecord, message_maker
from chatserver.errors import NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.records import column_names, record_maker
from rooms.access import outsider_error
from rooms.models import Room
from rooms.records import RoomRecord
from users.models import User

# A page by number costs the more the deeper it is; beyond this, clients page by key.
DEEPEST_ROW = 10_000
PAGE = "SELECT * FROM chats_page(%s, %s, %s, %s, %s)"
AT = "SELECT * FROM chats_at(%s, %s)"


class Page(NamedTuple):
    """Messages of a room, oldest first, and the ids to continue with: after the newest, before the oldest."""

    messages: list[MessageRecord]
    next: int | None
    previous: int | None


class Place(NamedTuple):
    """Where a page stands: the newest message of the room, and the one that was asked for (None: not in this room)."""

    last_seq: int
    key_seq: int | None


def history_page(user: User, room_id: int, cursor: Cursor) -> Page:
    """A page of a room that the person is in. Else NotFound or Forbidden, see outsider_error()."""
    with connection.cursor() as query:
        query.execute(PAGE, [user.pk, room_id, cursor.side, cursor.key, cursor.limit])
        rows, columns = query.fetchall(), column_names(query)
    if not rows:
        raise outsider_error(room_id)
    place = record_maker(columns, Place)(rows[0])
    messages = list(map(message_maker(columns), rows))
    first, last = messages[0], messages[-1]
    if place.key_seq is None:
        raise NotFound("There is no such message in this room.", code="message_not_found")
    if first.id is None:
        return Page([], None, None)
    return Page(messages, last.id if last.seq < place.last_seq else None, first.id if first.seq > 1 else None)


def received_by(user: User, sender_id: int | None) -> QuerySet[Message]:
    """The messages sent to a person in direct rooms, newest first, of one sender if given."""
    messages = Message.objects.filter(recipient=user).select_related("sender").order_by("-id")
    return messages if sender_id is None else messages.filter(sender_id=sender_id)


def latest_in(room: Room) -> QuerySet[Message]:
    """A room's messages, newest first."""
    return Message.objects.filter(room=room).select_related("sender").order_by("-seq")


def last_messages(rooms: Sequence[RoomRecord]) -> dict[int, MessageRecord]:
    """The newest message of each room, by room id, in one query."""
    if not rooms:
        return {}
    with connection.cursor() as query:
        query.execute(AT, [[room.id for room in rooms], [room.last_seq for room in rooms]])
        return {message.room_id: message for message in map(message_maker(column_names(query)), query.fetchall())}
