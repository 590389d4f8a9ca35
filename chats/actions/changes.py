"""Messages are edited and removed. What was taken back is nowhere any more: events and the log show the new state.

These lock the people, the message and its thread, and never its room, which may be busy (see rooms/locking.py).
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from chats.access.mentions import mentions_in
from chats.access.message_rules import check_is_text, check_may_edit, check_not_removed
from chats.access.messages import message_for
from chats.actions.edits import forget_texts_of, keep_text
from chats.actions.mentions import replace_mentions
from chats.actions.thread_totals import totals_without
from chats.models import Message, Reaction
from chats.serializers.messages import shown_message
from chats.serializers.threads import shown_following
from chatserver.errors import Conflict, Forbidden, NotFound, VersionMismatch
from chatserver.events import log, redaction
from chatserver.events.topics import user_topic
from chatserver.storage.rows import one_or_none
from rooms.access.rooms import membership_for
from rooms.access.rules import check_open
from rooms.models import Membership
from users.locking import lock_active
from users.models import User

# Each edit rewrites all earlier events of the message, which the sequencer may have to wait for.
MAX_EDITS = 50
REPLACED = [
    "text",
    "metadata",
    "mentions",
    "version",
    "edits_count",
    "edited_at",
    "removed_at",
    "has_reactions",
    "pinned_at",
    "pinned_by",
]


def edit_message(sender: User, message: Message, text: str, *, version: int | None = None) -> Message:
    """Replace the text of one's own message. The text that it has already changes nothing.

    Forbidden where it is somebody else's or too old, only moderators write, or the room is archived; Conflict where it
    was removed, edited too often or is a system message; ValidationError where it is too long for the room;
    VersionMismatch where `version` is given and there is another one.
    """
    with transaction.atomic():
        message, membership = _lock(sender, message)
        check_is_text(message)
        if message.sender_id != sender.pk:
            raise Forbidden("Only its sender may edit a message.")
        check_open(membership.room)
        check_not_removed(message)
        if version is not None and version != message.version:
            raise VersionMismatch(f"The message has the version {message.version}.")
        if message.text != text:
            check_may_edit(message, text, membership)
        if message.text != text and message.edits_count >= MAX_EDITS:
            raise Conflict(f"A message may be edited {MAX_EDITS} times.", code="too_many_edits")
        if message.text != text:
            keep_text(message)
            message.text = text
            followers = replace_mentions(message, mentions_in(message.room_id, text))
            message.edits_count += 1
            message.edited_at = timezone.now()
            shown, room = _replace(message), message.room
            if followers:
                told = [(user_topic(member.user_id), shown_following(room.pk, member)) for member in followers]
                log.emit_each("thread.updated", told, actor_id=sender.pk, room_id=room.pk)
            log.emit(room.topic, "message.updated", shown, actor_id=sender.pk, message_id=message.pk, **message.scope)
    return message


def remove_own_message(person: User, message: Message) -> None:
    """Remove one's own message, or, as an owner or a moderator of its room, anybody's, and system messages.

    Forbidden for others.
    """
    with transaction.atomic():
        message, membership = _lock(person, message)
        if (message.is_system or message.sender_id != person.pk) and not membership.may_moderate:
            raise Forbidden("Only its sender and the room's owners and moderators may remove a message.")
        _remove(message, person)


def remove_message(message: Message, *, actor: User) -> Message:
    """Remove a message, as staff. Its place stays. A removed one is left as it is."""
    with transaction.atomic():
        lock_active(actor.pk, shown_ids=[message.sender_id])
        message = _locked(message.pk)
        _remove(message, actor)
    return message


def _lock(person: User, message: Message) -> tuple[Message, Membership]:
    """The message as it is now, and the person's membership in its room. Unauthorized or NotFound by now, maybe."""
    lock_active(person.pk, shown_ids=[message.sender_id])
    membership = membership_for(person, message.room_id)
    return message_for(person, message.pk, is_locked=True), membership


def _locked(message_id: int) -> Message:
    rows = Message.objects.select_for_update(of=("self",), no_key=True).select_related("sender", "room", "parent")
    found = one_or_none(rows.filter(pk=message_id))
    if found is None:
        raise NotFound("There is no such message.", code="message_not_found")
    return found


def _remove(message: Message, actor: User) -> None:
    if message.removed_at is None:
        message.text, message.metadata = "", None
        replace_mentions(message, None)
        message.has_reactions = False
        message.pinned_at = message.pinned_by = None
        Reaction.objects.filter(message=message).delete()
        forget_texts_of(message)
        message.removed_at = timezone.now()
        thread = None if message.parent_id is None else totals_without(message)
        shown = _replace(message)
        log.emit(
            message.room.topic,
            "message.deleted",
            shown,
            actor_id=actor.pk,
            thread=thread,
            message_id=message.pk,
            **message.scope,
        )


def _replace(message: Message) -> dict[str, Any]:
    """Save the new state, and show it in the events of before. How it is shown."""
    message.version += 1
    message.save(update_fields=REPLACED)
    shown = shown_message(message.record)
    redaction.redact(message.pk, shown)
    return shown
