"""Members make rooms, change and archive them.

These lock the row of the room, as a message does, so that such changes have one order (see rooms/locking.py).
"""

from typing import Any

from django.db import IntegrityError, transaction

from chatserver.errors import Forbidden, Invalid
from rooms.access.blocks import are_blocked
from rooms.access.rooms import find_direct_room, room_of_request
from rooms.access.rules import check_may_address, direct_messages_closed
from rooms.actions.changes import archive_locked_room, change_fields, fill_room
from rooms.limits import check_room_counts, count_stranger, lock_room_counts
from rooms.locking import lock_group_of, lock_pair
from rooms.models import Kind, Membership, Role, Room, RoomRequest
from rooms.room_settings import FOR_OWNERS
from users.locking import lock_active
from users.models import User


@transaction.atomic
def create_room(owner: User, people: list[User], *, name: str, kind: str, **settings: Any) -> Room:
    """Create a group room with its owner and other people in it; `settings` are its description and other columns.

    NotFound where one of these is not active, Forbidden where one is in too many rooms.
    """
    people_ids = [person.pk for person in people]
    lock_room_counts([owner.pk, *people_ids])
    members = lock_active(owner.pk, people_ids)
    check_room_counts(members)
    room = Room.objects.create(kind=kind, name=name, members_count=len(members), **settings)
    memberships = [
        Membership(room=room, user=person, role=Role.OWNER if person == owner else Role.MEMBER)
        for person in members.values()
    ]
    fill_room(room, memberships, actor_id=owner.pk)
    return room


def create_room_once(
    owner: User, people: list[User], *, client_room_id: str, content_hash: bytes, **fields: Any
) -> tuple[Room, bool]:
    """create_room() for a request that may be repeated, also at the same moment; returns (room, created).

    Conflict where the owner used the client_room_id for a request with other content.
    """
    try:
        with transaction.atomic():
            room = create_room(owner, people, **fields)
            RoomRequest.objects.create(
                room=room, creator=owner, client_room_id=client_room_id, content_hash=content_hash
            )
    except (IntegrityError, Forbidden):  # the room may have been the last one that the owner could make
        found = room_of_request(owner, client_room_id, content_hash)
        if found is None:
            raise
        return found, False
    return room, True


def open_direct_room(user: User, other: User) -> tuple[Room, bool]:
    """Get or create the direct room of two people; returns (room, created). Safe in parallel.

    Invalid with oneself, Forbidden by CHAT_DIRECT_MESSAGES, Throttled for too many strangers.
    """
    if user == other:
        raise Invalid("A direct room needs another person.", code="no_room_with_oneself", field="user_id")
    low, high = sorted((user, other), key=lambda person: person.pk)
    found = find_direct_room(low, high)
    if found is None:
        check_may_address(user, other)
        count_stranger(user, other)
        try:
            return _create_direct_room(low, high, actor=user), True
        except IntegrityError:  # somebody else created it first, and has committed
            found = Room.objects.get(direct_low=low, direct_high=high)
    found.direct_low, found.direct_high = low, high
    return found, False


@transaction.atomic
def _create_direct_room(low: User, high: User, *, actor: User) -> Room:
    lock_pair(low, high)
    people = lock_active(actor.pk, [low.pk, high.pk])
    low, high = people[low.pk], people[high.pk]
    if are_blocked(low, high):
        raise direct_messages_closed()
    room = Room.objects.create(kind=Kind.DIRECT, direct_low=low, direct_high=high, members_count=2)
    fill_room(room, [Membership(room=room, user=person) for person in (low, high)], actor_id=actor.pk)
    return room


@transaction.atomic
def change_room(actor: Membership, changes: dict[str, Any]) -> Room:
    """Change a group room. Forbidden for members, in General and in direct rooms.

    Opening a closed room is for owners: everybody can read it then. So are the settings FOR_OWNERS, and restoring an
    archived room, which counts as one of theirs again.
    """
    is_restored = changes.get("archived") is False
    if is_restored:
        lock_room_counts([actor.user_id])
    person = lock_active(actor.user_id)[actor.user_id]
    room = lock_group_of(actor, allows_archived=is_restored)
    if not actor.may_moderate:
        raise Forbidden("Only its owners and moderators change a room.")
    if FOR_OWNERS & changes.keys() and not actor.is_owner:
        raise Forbidden("Only the owners of a room change this.")
    if room.kind == Kind.CLOSED and changes.get("kind") == Kind.OPEN and not actor.is_owner:
        raise Forbidden("Only its owners open a closed room.")
    fields = {name: changes[name] for name in changes if name != "archived"}
    if is_restored and room.archived_at is not None:
        check_room_counts([actor.user_id])
        fields["archived_at"] = None
    room = change_fields(room, fields, actor=person)
    return archive_locked_room(room, actor_id=actor.user_id) if changes.get("archived") else room


@transaction.atomic
def archive_room(actor: Membership) -> Room:
    """Archive a group room: its members can read it, nobody can write. Forbidden except for owners."""
    lock_active(actor.user_id)
    room = lock_group_of(actor)
    if not actor.is_owner:
        raise Forbidden("Only its owners archive a room.")
    return archive_locked_room(room, actor_id=actor.user_id)
