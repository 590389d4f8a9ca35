"""What staff changes in the admin, without being a member."""

from typing import Any

from django.db import transaction

from rooms.actions.changes import (
    add_people,
    archive_locked_room,
    change_fields,
    check_consent,
    name_successor,
    remove_people,
)
from rooms.limits import lock_room_counts
from rooms.locking import lock_group, refresh_role
from rooms.models import Membership, Room
from users.locking import lock_active
from users.models import User


@transaction.atomic
def change_room(staff: User, room: Room, changes: dict[str, Any]) -> Room:
    """Change a group room's name or description; also of an archived one."""
    staff = lock_active(staff.pk)[staff.pk]
    return change_fields(lock_group(room, allows_archived=True), changes, actor=staff)


@transaction.atomic
def archive_room(staff: User, room: Room) -> Room:
    """Archive a group room. Forbidden if it is archived already."""
    lock_active(staff.pk)
    return archive_locked_room(lock_group(room), actor_id=staff.pk)


@transaction.atomic
def restore_room(staff: User, room: Room) -> Room:
    """Have people write again in an archived group room. Where it lost its last owner, a moderator or writer is one."""
    staff = lock_active(staff.pk)[staff.pk]
    room = change_fields(lock_group(room, allows_archived=True), {"archived_at": None}, actor=staff)
    if room.external_id is None:
        name_successor(room)
    return room


@transaction.atomic
def add_member(staff: User, room: Room, person: User) -> Membership:
    """Add a person to a group room; returns their membership, new or not.

    NotFound for the banned and the deleted, Forbidden for those who have just left or are in too many rooms.
    """
    lock_room_counts([person.pk])
    people = lock_active(staff.pk, [person.pk])
    person = people[person.pk]
    room = lock_group(room)
    check_consent(room, [person])
    add_people(room, [person], actor=people[staff.pk])
    return Membership.objects.select_related("user").get(room=room, user=person)


@transaction.atomic
def remove_member(staff: User, member: Membership) -> None:
    """Remove a member from a group room; also an owner."""
    people = lock_active(staff.pk, shown_ids=[member.user_id])
    member.user = people[member.user_id]
    room = lock_group(member.room, allows_archived=True)
    refresh_role(member)
    remove_people(room, [member], actor=people[staff.pk])
