"""Which messages a person may see: those of the rooms that they are in, from where they see these on."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from chats.models import Message
from chats.records import MessageRecord, message_maker
from chatserver.errors import Invalid, NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.records import column_names, record_maker
from chatserver.storage.rows import one_or_none
from rooms.access.rooms import outsider_error
from rooms.models import Membership
from rooms.records import SeenRoom
from users.access.people import active_people_for
from users.models import User

# A page by number costs the more the deeper it is; beyond this, clients page by key.
DEEPEST_ROW = 10_000
MESSAGE_COLUMNS = (
    "(message).*, (message).seq - (message).replies_so_far AS main_seq, "
    "(message).seq - (message).replies_so_far + (message).system_so_far AS place, "
    "username, display_name, avatar_url, is_deleted"
)
PAGE = f"""
SELECT first_place, last_place, key_place, {MESSAGE_COLUMNS} FROM chats_timeline_2(%s, %s, %s, %s, %s)
"""  # noqa: S608 - constants
NEWEST = f"SELECT {MESSAGE_COLUMNS} FROM chats_last_messages(%s)"  # noqa: S608 - constants


class Page(NamedTuple):
    """Messages of a room, oldest first, and the ids to continue with: after the newest, before the oldest."""

    messages: list[MessageRecord]
    next: int | None
    previous: int | None


class Place(NamedTuple):
    """What a page stands in: the oldest message, the newest one, and the one that was asked for (None: not there)."""

    first_place: int
    last_place: int
    key_place: int | None


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
    if place.key_place is None:
        raise NotFound("There is no such message in this room.", code="message_not_found")
    if first.id is None:
        return Page([], None, None)
    return Page(
        messages,
        last.id if last.place < place.last_place else None,
        first.id if first.place > place.first_place else None,
    )


def visible_messages(user: User) -> QuerySet[Message]:
    """The messages that a person may see, those of their rooms. A reply is for those who may see its root."""
    messages = Message.objects.alias(shown_with=Coalesce("parent__seq", "seq"))  # in a filter it would leave out roots
    return messages.filter(room__memberships__user=user, room__memberships__visible_from_seq__lte=F("shown_with"))


def message_for(user: User, message_id: int, *, is_locked: bool = False) -> Message:
    """A message that the person may see, with its sender, room and parent. NotFound for any other."""
    rows = visible_messages(user).select_related("sender", "room", "parent")
    if is_locked:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = one_or_none(rows.filter(pk=message_id))
    if found is None:
        raise NotFound("There is no such message.", code="message_not_found")
    return found


def message_to_mark(user: User, room_id: int, message_id: int) -> Message:
    """A message of a room that may be marked as unread there. NotFound; Invalid for a reply."""
    message = message_for(user, message_id)
    if message.room_id != room_id:
        raise NotFound("There is no such message in this room.", code="message_not_found")
    if message.parent_id is not None:
        raise Invalid("A reply is not in the room; its thread has a read marker of its own.", field="unread_from")
    return message


def received_messages(user: User, sender_id: int | None) -> QuerySet[Message]:
    """The messages sent to a person in direct rooms, newest first, of one sender if given."""
    messages = Message.objects.filter(recipient=user).select_related("sender").order_by("-id")
    return messages if sender_id is None else messages.filter(sender_id=sender_id)


def recipient_for(sender: User, user_id: int, client_message_id: str | None) -> User:
    """The person whom a direct message is for. NotFound where they are a stranger, not there, banned or deleted.

    If the sender has sent them a message with this client_message_id, it is a repeat, and none of that matters.
    """
    try:
        (recipient,) = active_people_for(sender, [user_id])
    except NotFound:
        sent = Message.objects.filter(sender=sender, recipient=user_id, client_message_id=client_message_id)
        if client_message_id is None or not sent.exists():
            raise
        recipient = User.objects.get(pk=user_id)
    return recipient


def latest_messages(member: Membership) -> QuerySet[Message]:
    """What people wrote in a room and a member may see, newest first. The old lists have no system messages."""
    messages, least = Message.objects.filter(room=member.room_id, is_system=False), member.visible_from_seq
    if least:  # a reply is newer than its root; to say so again lets PostgreSQL begin there
        messages = messages.filter(Q(parent=None) | Q(parent__seq__gte=least), seq__gte=least)
    return messages.select_related("sender").order_by("-seq")


def last_messages(rooms: Sequence[SeenRoom]) -> dict[int, MessageRecord]:
    """The newest message of each of these rooms that its member may see, by room id, in one query."""
    if not rooms:
        return {}
    least = {seen.room.id: seen.visible_from_seq or 0 for seen in rooms}
    with connection.cursor() as query:
        query.execute(NEWEST, [list(least)])
        messages = list(map(message_maker(column_names(query)), query.fetchall()))
    return {message.room_id: message for message in messages if message.seq >= least[message.room_id]}
