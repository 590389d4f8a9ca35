"""What the tests of threads share."""

from typing import Any

from chats.actions.messages import send_message
from chats.models import Message
from users.models import User


def path_of(message: Message, part: str = "") -> str:
    return f"/api/v1/messages/{message.pk}/{part}"


def reply(sender: User, root: Message, text: str = "Soup.") -> Message:
    return send_message(sender, root.room_id, text, parent_id=root.pk)[0]


def person(user: User) -> dict[str, Any]:
    """A person as the totals of a thread show them."""
    return {"id": user.pk, "username": user.username, "display_name": "", "avatar_url": "", "is_deleted": False}
