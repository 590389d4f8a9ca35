"""What writers do, as something that can be counted: once where it was answered, once where the log tells of it."""

from collections.abc import Hashable
from typing import Any

Deed = tuple[Hashable, ...]
MESSAGE = "message.created"
TYPES = (MESSAGE, "room.created", "member.added", "member.removed")


def deed_of(row_type: str, body: dict[str, Any]) -> Deed | None:
    """The deed that an event tells of; None where nobody counts it."""
    match row_type:
        case "message.created" if body["client_message_id"] is not None:
            return MESSAGE, body["client_message_id"]
        case "room.created" if body["name"]:
            return row_type, body["name"]
        case "member.added" | "member.removed":
            return row_type, body["room_id"], body["user"]["id"]
    return None
