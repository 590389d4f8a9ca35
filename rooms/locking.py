"""Locks of rooms: what an action has read before it holds one may be past, and is looked at again."""

from chatserver.errors import Forbidden, NotFound
from rooms.models import Membership, Room


def lock_room(room: Room) -> Room:
    """Lock a room, and read it anew."""
    return Room.objects.select_for_update().get(pk=room.pk)


def lock_group(room: Room, *, is_archived_fine: bool = False) -> Room:
    """Lock a room; Forbidden for General and direct rooms, which stay as they are, and for archived ones."""
    room = lock_room(room)
    if room.is_direct or room.is_general:
        raise Forbidden("This room stays as it is.", code="room_is_fixed")
    if room.archived_at is not None and not is_archived_fine:
        raise Forbidden("This room is archived.", code="room_archived")
    return room


def lock_group_of(actor: Membership, *, is_archived_fine: bool = False) -> Room:
    """Lock the actor's room and look again whether he still is in it, and as what."""
    room = lock_group(actor.room, is_archived_fine=is_archived_fine)
    refresh_role(actor, "There is no such room.")
    return room


def refresh_role(member: Membership, missing: str = "There is no such member.") -> None:
    """Look again, under the room's lock, what a member is; NotFound where he is none any more."""
    role = Membership.objects.filter(pk=member.pk).values_list("role", flat=True).first()
    if role is None:
        raise NotFound(missing)
    member.role = role
