"""Locks of actions in rooms, in one order for all: people, rooms, memberships, messages, each by ascending id.

What is changed is locked FOR NO KEY UPDATE, what is relied on FOR SHARE. What an action has read before it holds the
locks may have changed, and is read again: whether the actor and those whom it is about are active
(users.locking.lock_active), the room's state, the actor's and the member's role. Who changes a membership holds the
lock of its room; a read marker alone moves under the lock of its membership.
"""

from django.db import connection

from chatserver.errors import Forbidden, NotFound
from chatserver.storage.rows import one_or_none
from rooms.models import Membership, Room
from users.models import User

# The first of the two numbers of our advisory locks; the other is any of the pair. No other locks of ours have it.
PAIR_LOCKS = 1_191
PAIR_SLOTS = 2**31 - 1


def lock_room(room: Room) -> Room:
    """Lock a room, and read it again."""
    return Room.objects.select_for_update(no_key=True).get(pk=room.pk)


def lock_pair(one: User, other: User) -> None:
    """Let nobody else change whether one of these two blocks the other, or open their room, until the commit."""
    low, high = sorted((one.pk, other.pk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PAIR_LOCKS, (31 * low + high) % PAIR_SLOTS])


def lock_group(room: Room, *, allows_archived: bool = False) -> Room:
    """Lock a group room. Forbidden for General and direct rooms, which can't be changed, and for archived ones."""
    room = lock_room(room)
    if room.is_direct or room.is_general:
        raise Forbidden("This room stays as it is.", code="room_is_fixed")
    if room.archived_at is not None and not allows_archived:
        raise Forbidden("This room is archived.", code="room_archived")
    return room


def lock_group_of(actor: Membership, *, allows_archived: bool = False) -> Room:
    """Lock the actor's room and read their role again. NotFound if they are no longer a member."""
    room = lock_group(actor.room, allows_archived=allows_archived)
    refresh_role(actor, "There is no such room.")
    return room


def refresh_role(member: Membership, missing: str = "There is no such member.") -> None:
    """Read a member's role and read markers again, under the room's lock. NotFound, saying `missing`, if they ended."""
    current = one_or_none(Membership.objects.filter(pk=member.pk).values_list("role", "read_seq", "shown_seq"))
    if current is None:
        raise NotFound(missing)
    member.role, member.read_seq, member.shown_seq = current
