"""Whether people may make rooms, open direct ones, and write in a room at all."""

from django.conf import settings

from chatserver.errors import Forbidden
from rooms.access.members import acquaintances
from rooms.models import GENERAL_ID, Room
from users.models import User


def check_may_create_rooms(user: User) -> None:
    """Forbidden where CHAT_ROOM_CREATION leaves it to services, unless they are one, or staff."""
    if settings.CHAT_ROOM_CREATION == "services" and not user.is_trusted:
        raise Forbidden("Rooms are made by the service here.", code="room_creation_closed")


def check_may_address(user: User, other: User) -> None:
    """Forbidden where CHAT_DIRECT_MESSAGES keeps them from opening a direct room. General makes nobody acquainted."""
    if settings.CHAT_DIRECT_MESSAGES == "anybody" or user.is_trusted:
        return
    shared = acquaintances(user).exclude(room=GENERAL_ID).filter(user_id=other.pk)
    if settings.CHAT_DIRECT_MESSAGES == "nobody" or not shared.exists():
        raise direct_messages_closed()


def check_open(room: Room) -> None:
    """Forbidden where nobody writes any more: the room is archived, or one of its two people blocks the other."""
    if room.archived_at is not None:
        raise Forbidden("This room is archived.", code="room_archived")
    if room.is_blocked:
        raise direct_messages_closed()


def direct_messages_closed() -> Forbidden:
    """The same for a block as for CHAT_DIRECT_MESSAGES: who is blocked learns no more than they must."""
    return Forbidden("You may not send direct messages to this person.", code="direct_messages_closed")


def posting_restricted() -> Forbidden:
    return Forbidden("Only moderators write in this room.", code="posting_restricted")
