"""Which messages a person may see: those of the rooms that they are in."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from chats.models import Message
from chats.rows import MessageRow, message_row
from chatserver.errors import NotFound
from chatserver.http.pagination import Cursor
from rooms.access import outsider_error
from rooms.models import Room
from rooms.rows import RoomRow
from users.models import User

# A page by number costs the more the deeper it is; beyond this, clients page by key.
DEEPEST_ROW = 10_000
PAGE = "SELECT * FROM chats_page(%s, %s, %s, %s, %s)"
AT = "SELECT * FROM chats_at(%s, %s)"


class Page(NamedTuple):
    """Messages of a room, oldest first, and the ids to continue with: after the newest, before the oldest."""

    messages: list[MessageRow]
    next: int | None
    previous: int | None


def history_page(user: User, room_id: int, cursor: Cursor) -> Page:
    """A page of a room that the person is in. Else NotFound or Forbidden, see outsider_error()."""
    with connection.cursor() as query:
        query.execute(PAGE, [user.pk, room_id, cursor.side, cursor.key, cursor.limit])
        rows = query.fetchall()
    if not rows:
        raise outsider_error(room_id)
    last_seq, key_seq, first_id, *_ = rows[0]
    if key_seq is None:
        raise NotFound("There is no such message in this room.", code="message_not_found")
    if first_id is None:
        return Page([], None, None)
    found = [message_row(row[2:]) for row in rows]
    following = found[-1].pk if found[-1].seq < last_seq else None
    return Page(found, following, found[0].pk if found[0].seq > 1 else None)


def received_by(user: User, sender_id: int | None) -> QuerySet[Message]:
    """The messages sent to a person in direct rooms, newest first, of one sender if given."""
    messages = Message.objects.filter(recipient=user).select_related("sender").order_by("-id")
    return messages if sender_id is None else messages.filter(sender_id=sender_id)


def latest_in(room: Room) -> QuerySet[Message]:
    """A room's messages, newest first."""
    return Message.objects.filter(room=room).select_related("sender").order_by("-seq")


def last_messages(rooms: Sequence[Room | RoomRow]) -> dict[int, MessageRow]:
    """The newest message of each room, by room id, in one query."""
    if not rooms:
        return {}
    with connection.cursor() as query:
        query.execute(AT, [[room.pk for room in rooms], [room.last_seq for room in rooms]])
        return {message.room_id: message for message in map(message_row, query.fetchall())}
