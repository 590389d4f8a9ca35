"""Which pinned messages a person may see."""

from chats.access.messages import visible_messages
from chats.models import Message
from chatserver.http.pagination import Cursor
from rooms.access.rooms import room_for
from users.models import User


def pinned_messages(user: User, room_id: int, cursor: Cursor) -> list[Message]:
    """Up to limit + 1 pinned messages of a room that the person is in, by id. NotFound or Forbidden for others."""
    room = room_for(user, room_id)
    pinned = visible_messages(user).filter(room=room, pinned_at__isnull=False)
    return cursor.slice(pinned.select_related("sender"), "id")
