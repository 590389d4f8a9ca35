"""Posts the messages that say what people did in rooms (see rooms/actions/system_messages.py)."""

from typing import Any

from django.db import connection
from django.utils import timezone

from chats.models import Message
from chats.serializers.messages import unnumbered_body
from chatserver.events import log
from chatserver.events.log import encode
from rooms.models import Room
from users.models import User

POST_SYSTEM = "SELECT * FROM chats_post_system(%s, %s, %s, %s, %s, %s)"


def post_system_message(room: Room, actor: User, text: str, data: dict[str, Any]) -> None:
    """Post a message with its event, in the transaction that holds the lock of its room and of its sender."""
    message = Message(room=room, sender=actor, text=text, metadata=encode(data), sent_at=timezone.now(), is_system=True)
    body = unnumbered_body(message.record)
    with connection.cursor() as cursor:
        cursor.execute(POST_SYSTEM, [room.pk, actor.pk, text, message.metadata, message.sent_at, body])
        room.last_seq, room.replies_count, room.system_count = cursor.fetchone()
    log.wake_after_commit()
