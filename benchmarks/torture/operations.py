"""What writers do, as something that can be counted: where it was answered, and where the log tells of it."""

from collections.abc import Hashable
from typing import Any

Operation = tuple[Hashable, ...]
MESSAGE = "message.created"
TYPES = (MESSAGE, "room.created", "member.added", "member.removed")


def operation_of(row_type: str, body: dict[str, Any]) -> Operation | None:
    """The operation that an event tells of; None where nobody counts it."""
    match row_type:
        case "message.created" if body["client_message_id"] is not None:
            return MESSAGE, body["client_message_id"]
        case "room.created" if body["name"]:
            return row_type, body["name"]
        case "member.added" | "member.removed":
            return row_type, body["room_id"], body["user"]["id"]
    return None
