"""Read markers move. They lock their memberships only: the room may be busy.

What is unread is a difference of two numbers: the messages of the room and those that were read, without replies.
"""

from contextlib import suppress
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet

from chats.models import Message
from chats.serializers.read_markers import shown_moved_marker
from chatserver.errors import Invalid, NotFound
from chatserver.events import log
from chatserver.events.topics import user_topic
from chatserver.storage.rows import one_or_none
from rooms.models import Membership, Room
from users.models import User

MAX_MARKED_AT_ONCE = 100
MARK_READ = """
UPDATE rooms_membership m SET read_seq = new.seq, read_replies = new.replies
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS new(id, seq, replies) WHERE m.id = new.id
"""


@transaction.atomic
def mark_read(member: Membership, seq: int) -> Membership:
    """Move a read marker forward; a lower seq changes nothing. Invalid beyond the newest message."""
    locked = _lock(member)
    if seq > locked.room.last_seq:
        raise Invalid(f"The newest message is {locked.room.last_seq}.", field="seq")
    if seq > locked.read_seq:
        _move(locked, seq, _replies_up_to(locked.room, seq))
        topic, marker = _told(locked)
        log.emit(topic, "read.updated", marker, actor_id=locked.user_id, room_id=locked.room_id)
    return locked


@transaction.atomic
def mark_unread_from(member: Membership, message: Message) -> Membership:
    """Make this message of the room the first one that is unread. A marker that moves back is told to oneself only."""
    locked = _lock(member)
    seq = message.seq - 1
    is_back = seq < locked.read_seq
    if is_back:
        locked.shown_seq = locked.shown_read_seq
    if seq != locked.read_seq:
        _move(locked, seq, message.replies_so_far - message.is_system)
        topic, marker = _told(locked, is_back=is_back)
        log.emit(topic, "read.updated", marker, actor_id=locked.user_id, room_id=locked.room_id)
    return locked


def mark_all_read(user: User) -> None:
    """Move the person's read markers to the newest messages of all their rooms, some at a time."""
    last: int | None = -1
    while last is not None:
        last = _mark_some_read(user, last)
    # Those that were locked by others.
    for member in _behind(user).select_related("room"):
        with suppress(NotFound):  # the membership ended meanwhile
            mark_read(member, member.room.last_seq)


@transaction.atomic
def _mark_some_read(user: User, last: int) -> int | None:
    """Those of rooms with a higher id than `last`. Returns the next such id; None where there are no more.

    Waits for no lock: posts lock memberships, too, and in another order.
    """
    found = _behind(user).filter(room_id__gt=last).order_by("room_id")
    members = list(found.select_for_update(of=("self",), skip_locked=True)[:MAX_MARKED_AT_ONCE])
    rooms = Room.objects.in_bulk([member.room_id for member in members])
    for member in members:
        member.room = rooms[member.room_id]
        member.read_seq, member.read_replies = member.room.last_seq, member.room.replies_count
    seqs, replies = [member.read_seq for member in members], [member.read_replies for member in members]
    with connection.cursor() as cursor:
        cursor.execute(MARK_READ, [[member.pk for member in members], seqs, replies])
    told = [_told(member) for member in members]
    log.emit_each("read.updated", told, actor_id=user.pk, room_id=[member.room_id for member in members])
    return members[-1].room_id if len(members) == MAX_MARKED_AT_ONCE else None


def _behind(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, room__last_seq__gt=F("read_seq"))


def _lock(member: Membership) -> Membership:
    """The membership as it is now, with its room. NotFound where it has ended."""
    locked = one_or_none(Membership.objects.select_for_update().filter(pk=member.pk))
    if locked is None:
        raise NotFound("There is no such room.")
    # Read under the lock, which one's own sends need too: never behind the marker, so `unread` is never negative.
    locked.room = Room.objects.get(pk=locked.room_id)
    return locked


def _replies_up_to(room: Room, seq: int) -> int:
    if room.replies_count == 0:
        return 0
    return Message.objects.values_list("replies_so_far", flat=True).get(room=room, seq=seq)


def _move(member: Membership, seq: int, replies: int) -> None:
    member.read_seq, member.read_replies = seq, replies
    member.save(update_fields=["read_seq", "read_replies", "shown_seq"])


def _told(member: Membership, *, is_back: bool = False) -> tuple[str, dict[str, Any]]:
    """The topic and the body of the event of a marker that moved."""
    # In a direct room each sees how far the other has read; in a group only one's own devices get the event.
    topic = member.room.topic if member.room.is_direct and not is_back else user_topic(member.user_id)
    return topic, shown_moved_marker(member, is_back=is_back)
