"""Which rooms a person may ask to join, and whose requests they may see."""

from chatserver.errors import Forbidden, NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from rooms.access.rooms import membership_for
from rooms.models import JoinRequest, Kind, Room
from users.models import User


def takes_requests(room: Room) -> bool:
    """Whether people may ask to join."""
    return room.kind == Kind.CLOSED and room.join_requests and room.archived_at is None


def room_to_ask_for(room_id: int) -> Room:
    """A room that takes requests to join, which one does not see otherwise. NotFound."""
    room = one_or_none(Room.objects.filter(pk=room_id))
    if room is None or not takes_requests(room):
        raise NotFound("There is no such room.")
    return room


def room_asked_for(user: User, room_id: int) -> Room:
    """A room that a person asks for, also where it takes no further requests; else as room_to_ask_for()."""
    asked = one_or_none(JoinRequest.objects.filter(room=room_id, user=user).select_related("room"))
    return room_to_ask_for(room_id) if asked is None else asked.room


def join_requests_page(user: User, room_id: int, cursor: Cursor) -> list[JoinRequest]:
    """Up to limit + 1 requests to join a room, by user id. Forbidden except for its owners and moderators."""
    mine = membership_for(user, room_id)
    if not mine.may_moderate:
        raise Forbidden("Only its owners and moderators see who asks for a room.")
    requests = JoinRequest.objects.filter(room=room_id, user__is_active=True).select_related("user")
    return cursor.slice(requests, "user_id")
