"""What members change in rooms and memberships.

What concerns the whole room locks its row, as a message does, so that such changes have one order. A read marker locks
its membership only, and typing nothing.
"""

from typing import Any

from django.db import IntegrityError, transaction

from chatserver.errors import Conflict, Forbidden, Invalid, NotFound
from chatserver.events import log
from chatserver.events.topics import user_topic
from rooms.access import find_direct_room
from rooms.changes import add_people, archive, change_fields, end_membership
from rooms.locking import lock_group_of, lock_room, refresh_role
from rooms.models import Kind, Membership, Role, Room
from rooms.serializers import shown_member, shown_room
from users.models import User


@transaction.atomic
def create_room(owner: User, people: list[User], *, name: str, kind: str, description: str = "") -> Room:
    """Create a group room with its owner and other people in it."""
    members = {person.pk: person for person in [*people, owner]}
    room = Room.objects.create(kind=kind, name=name, description=description, members_count=len(members))
    Membership.objects.bulk_create(
        Membership(room=room, user=person, role=Role.OWNER if person == owner else Role.MEMBER)
        for person in members.values()
    )
    log.subscribe(room.topic, members)
    log.emit(room.topic, "room.created", shown_room(room.record), actor_id=owner.pk, room_id=room.pk)
    return room


def open_direct_room(user: User, other: User) -> tuple[Room, bool]:
    """Get or create the direct room of two people; returns (room, created). Invalid with oneself. Safe in parallel."""
    if user == other:
        raise Invalid("A direct room needs another person.", code="no_room_with_oneself", field="user_id")
    low, high = sorted((user, other), key=lambda person: person.pk)
    found = find_direct_room(low, high)
    if found is None:
        try:
            return _create_direct_room(low, high, actor=user), True
        except IntegrityError:  # somebody else created it first, and has committed
            found = Room.objects.get(direct_low=low, direct_high=high)
    found.direct_low, found.direct_high = low, high
    return found, False


@transaction.atomic
def _create_direct_room(low: User, high: User, *, actor: User) -> Room:
    room = Room.objects.create(kind=Kind.DIRECT, direct_low=low, direct_high=high, members_count=2)
    Membership.objects.bulk_create(Membership(room=room, user=person) for person in (low, high))
    log.subscribe(room.topic, [low.pk, high.pk])
    log.emit(room.topic, "room.created", shown_room(room.record), actor_id=actor.pk, room_id=room.pk)
    return room


@transaction.atomic
def change_room(actor: Membership, changes: dict[str, Any]) -> Room:
    """Change a group room's name, kind or description. Forbidden for members, in General and in direct rooms."""
    room = lock_group_of(actor)
    if not actor.may_moderate:
        raise Forbidden("Only its owners and moderators change a room.")
    return change_fields(room, changes, actor_id=actor.user_id)


@transaction.atomic
def archive_room(actor: Membership) -> Room:
    """Archive a group room: its members can read it, nobody can write. Forbidden except for owners."""
    room = lock_group_of(actor)
    if not actor.is_owner:
        raise Forbidden("Only its owners archive a room.")
    return archive(room, actor_id=actor.user_id)


@transaction.atomic
def join_room(user: User, room: Room) -> tuple[Membership, bool]:
    """Join an open room; returns (membership, created). NotFound unless the room is open or they are a member."""
    room = lock_room(room)
    present = Membership.objects.select_related("user").filter(room=room, user=user).first()
    if present is not None:
        return present, False
    if room.kind != Kind.OPEN or room.archived_at is not None:
        raise NotFound("There is no such room.")
    return add_people(room, [user], actor_id=user.pk)[0], True


@transaction.atomic
def add_members(actor: Membership, people: list[User]) -> list[Membership]:
    """Add people to a group room. Returns the new memberships; existing ones stay as they are.

    Forbidden for members of a closed room except its owners and moderators.
    """
    room = lock_group_of(actor)
    if room.kind == Kind.CLOSED and not actor.may_moderate:
        raise Forbidden("Only its owners and moderators let people into a closed room.")
    return add_people(room, people, actor_id=actor.user_id)


@transaction.atomic
def remove_member(actor: Membership, member: Membership) -> None:
    """Remove a member from a group room, or leave it. Forbidden unless the actor outranks them."""
    room = lock_group_of(actor, allows_archived=True)
    refresh_role(member)
    if actor.user_id != member.user_id and not actor.outranks(member):
        raise Forbidden("You may not remove this member.")
    end_membership(room, member, actor_id=actor.user_id)


@transaction.atomic
def change_role(actor: Membership, member: Membership, role: str) -> Membership:
    """Give a member another role. Forbidden except for owners; Conflict if the last owner would lose theirs."""
    room = lock_group_of(actor)
    if not actor.is_owner:
        raise Forbidden("Only owners give roles.")
    refresh_role(member)
    others = Membership.objects.filter(room=room, role=Role.OWNER).exclude(pk=member.pk)
    if member.is_owner and role != Role.OWNER and not others.exists():
        raise Conflict("A room needs an owner; name another one first.", code="last_owner")
    member.role = role
    member.save(update_fields=["role"])
    log.emit(room.topic, "member.updated", shown_member(member.record), actor_id=actor.user_id, room_id=room.pk)
    return member


@transaction.atomic
def mark_read(member: Membership, seq: int) -> Membership:
    """Move a read marker forward; a lower seq changes nothing. Invalid beyond the newest message."""
    locked = Membership.objects.select_for_update().filter(pk=member.pk).first()
    if locked is None:
        raise NotFound("There is no such room.")
    # Read under the lock, which one's own sends need too: never behind the marker, so `unread` is never negative.
    locked.room = Room.objects.get(pk=locked.room_id)
    if seq > locked.room.last_seq:
        raise Invalid(f"The newest message is {locked.room.last_seq}.", field="seq")
    if seq > locked.read_seq:
        locked.read_seq = seq
        locked.save(update_fields=["read_seq"])
        room = locked.room
        marker = {"room_id": room.pk, "user_id": locked.user_id, "seq": seq}
        # In a direct room each sees how far the other has read; in a group only one's own devices get the event.
        topic = room.topic if room.is_direct else user_topic(locked.user_id)
        log.emit(topic, "read.updated", marker, actor_id=locked.user_id, room_id=room.pk)
    return locked


def announce_typing(member: Membership) -> None:
    """Announce to the room that this member is typing. Nothing is stored. Forbidden in an archived room."""
    if member.room.archived_at is not None:
        raise Forbidden("This room is archived.", code="room_archived")
    log.emit_ephemeral(
        [member.room.topic],
        "typing.started",
        {"room_id": member.room_id, "user_id": member.user_id},
        room_id=member.room_id,
    )


def leave_all_rooms(user: User) -> None:
    """Remove a user who is being deleted from their group rooms and General; direct rooms keep their two people."""
    mine = Membership.objects.filter(user=user).exclude(room__kind=Kind.DIRECT)
    for member in mine.select_related("user").order_by("room_id"):
        room = lock_room(member.room)
        # Before the lock was taken they may have been removed, or have become the room's only owner.
        current = Membership.objects.select_related("user").filter(pk=member.pk).first()
        if current is not None:
            end_membership(room, current, actor_id=user.pk)
