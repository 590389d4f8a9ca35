"""Messages are pinned and unpinned. These lock the room, for it has so many pins at most, and the message."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from chats.access.message_rules import check_is_text, check_not_removed
from chats.access.messages import message_for
from chats.models import Message
from chats.serializers.messages import shown_message
from chatserver.errors import Conflict, Forbidden
from chatserver.events import log
from rooms.access.rooms import membership_for
from rooms.access.rules import check_open
from rooms.locking import lock_room
from users.locking import lock_active
from users.models import User

MAX_PINS = 100
# Each change of a pin is an event of the message, and an edit rewrites them all.
MAX_PINNED_VERSION = 200


def pin_message(person: User, message: Message) -> None:
    """Pin a message. A pinned one stays as it is.

    Forbidden by the room's `pinning` and where it is archived; Conflict where the message was removed, is a system
    message or was pinned too often, or the room has as many pins as it may.
    """
    with transaction.atomic():
        message = _lock(person, message)
        check_is_text(message)
        check_not_removed(message)
        if message.pinned_at is not None:
            return
        if Message.objects.filter(room=message.room_id, pinned_at__isnull=False).count() >= MAX_PINS:
            raise Conflict(f"A room has at most {MAX_PINS} pinned messages.", code="too_many_pins")
        if message.version >= MAX_PINNED_VERSION:
            raise Conflict("This message was changed too often to be pinned.", code="too_many_edits")
        _change(message, person, pinned_at=timezone.now(), pinned_by=person)


def unpin_message(person: User, message: Message) -> None:
    """Unpin a message; nothing where it is not pinned. Forbidden as pin_message()."""
    with transaction.atomic():
        message = _lock(person, message)
        if message.pinned_at is not None:
            _change(message, person, pinned_at=None, pinned_by=None)


def _lock(person: User, message: Message) -> Message:
    """The message as it is now. Forbidden where they may not pin there."""
    lock_active(person.pk, shown_ids=[message.sender_id])
    room = lock_room(message.room)
    member = membership_for(person, room.pk)
    check_open(room)
    if not member.may_pin:
        raise Forbidden("Only the owners and moderators of this room pin messages.")
    return message_for(person, message.pk, is_locked=True)


def _change(message: Message, person: User, **pin: Any) -> None:
    for name, value in pin.items():
        setattr(message, name, value)
    message.version += 1
    message.save(update_fields=["version", *pin])
    shown = shown_message(message.record)
    log.emit(message.room.topic, "message.updated", shown, actor_id=person.pk, message_id=message.pk, **message.scope)
