"""The last messages for the list of rooms, which knows no messages itself (see rooms/serializers/last_messages.py)."""

from collections.abc import Sequence
from typing import Any

from chats.access.messages import last_messages
from chats.serializers.messages import shown_message
from rooms.records import SeenRoom


def shown_last_messages(rooms: Sequence[SeenRoom]) -> dict[int, dict[str, Any]]:
    """The newest message of each room that its member may see, as the API shows it, by room id, in one query."""
    return {room_id: shown_message(message) for room_id, message in last_messages(rooms).items()}
