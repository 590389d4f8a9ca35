"""What staff does in the admin, without being a member."""

from typing import Any

from django.db import transaction

from chatserver.errors import Forbidden
from rooms.changes import add_people, archive, change_fields, end_membership
from rooms.locking import lock_group, refresh_role
from rooms.models import Membership, Room
from users.models import User


@transaction.atomic
def edit_room(staff: User, room: Room, changes: dict[str, Any]) -> Room:
    """Change a group room's name or description as staff, an archived one's too."""
    return change_fields(lock_group(room, is_archived_fine=True), changes, actor_id=staff.pk)


@transaction.atomic
def close_room(staff: User, room: Room) -> Room:
    """Archive a group room as staff. Forbidden where it is archived already."""
    return archive(lock_group(room), actor_id=staff.pk)


@transaction.atomic
def admit_member(staff: User, room: Room, person: User) -> Membership:
    """Let a person into a group room as staff; his membership, new or not. Forbidden for the banned."""
    if not person.is_active:
        raise Forbidden("This account is banned or deleted.", code="user_not_active")
    room = lock_group(room)
    add_people(room, [person], actor_id=staff.pk)
    return Membership.objects.select_related("user").get(room=room, user=person)


@transaction.atomic
def expel_member(staff: User, member: Membership) -> None:
    """Put someone out of a group room as staff, an owner too."""
    room = lock_group(member.room, is_archived_fine=True)
    refresh_role(member)
    end_membership(room, member, actor_id=staff.pk)
