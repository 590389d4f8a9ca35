"""What may be done to messages: whether one may be edited or replied to, and why one was not sent.

For messages that are sent, chats_is_allowed.sql decides by the settings of the room. Rooms have rules of their own
(rooms/access/rules.py).
"""

import math
from datetime import timedelta

from django.utils import timezone
from rest_framework.exceptions import ErrorDetail, ValidationError

from chats.models import Message
from chatserver.errors import Conflict, Forbidden, SlowMode
from chatserver.storage.rows import one_or_none
from rooms.access.rules import posting_restricted
from rooms.models import Membership, Room


def check_may_post(message: Message, room: Room) -> None:
    """Forbidden where only moderators write, SlowMode after a message of just now, ValidationError if too long."""
    check_length(message.text, room)
    member = one_or_none(Membership.objects.filter(room=room, user=message.sender))
    if member is None or member.may_moderate:
        return
    member.room = room
    if not member.may_post:
        raise posting_restricted()
    if room.slow_mode_seconds and member.last_wrote_at is not None:
        ends_at = member.last_wrote_at + timedelta(seconds=room.slow_mode_seconds)
        wait = math.ceil((ends_at - timezone.now()).total_seconds())
        # It may have ended since the message was refused.
        raise SlowMode(max(1, wait))


def check_is_text(message: Message) -> None:
    """Conflict for a system message, which says what happened, and is only removed."""
    if message.is_system:
        raise Conflict("This is a system message.", code="system_message")


def check_not_removed(message: Message) -> None:
    """Conflict for a removed message."""
    if message.removed_at is not None:
        raise Conflict("This message was removed.", code="message_removed")


def check_takes_replies(root: Message) -> None:
    """Conflict for a system message, and for a removed one that has no thread yet."""
    check_is_text(root)
    if not root.has_thread:
        check_not_removed(root)


def check_may_edit(message: Message, text: str, member: Membership) -> None:
    """Forbidden where only moderators write or the time for edits is over, ValidationError if too long for the room."""
    room = member.room
    if not member.may_post:
        raise posting_restricted()
    if room.edit_minutes is not None and timezone.now() >= message.sent_at + timedelta(minutes=room.edit_minutes):
        raise Forbidden("This message is too old to be edited.", code="edit_window_closed")
    check_length(text, room)


def check_length(text: str, room: Room) -> None:
    """ValidationError if a text is too long for the room."""
    if room.max_length is not None and len(text) > room.max_length:
        detail = f"Messages in this room have at most {room.max_length} characters."
        raise ValidationError({"message": [ErrorDetail(detail, code="max_length")]})
