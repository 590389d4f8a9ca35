"""Reactions to messages. These lock the message, and never its room, which may be busy."""

from django.contrib.postgres.aggregates import BoolOr
from django.db import transaction
from django.db.models import Count, Q

from chats.access.message_rules import check_is_text, check_not_removed
from chats.access.messages import message_for
from chats.models import Message, Reaction
from chats.serializers.reactions import shown_reaction_change
from chatserver.errors import Conflict
from chatserver.events import log
from rooms.access.rules import check_open
from users.locking import lock_active
from users.models import User

MAX_KINDS = 20


@transaction.atomic
def add_reaction(person: User, message_id: int, emoji: str) -> None:
    """React to a message of a room that one is in. Who has reacted so already changes nothing.

    Conflict where it was removed, is a system message or has twenty other kinds of reactions, Forbidden where the room
    is archived.
    """
    message = _locked(person, message_id)
    check_is_text(message)
    check_not_removed(message)
    kinds = _kinds(message, person)
    count, is_there = kinds.get(emoji, (0, False))
    if is_there:
        return
    if not count and len(kinds) >= MAX_KINDS:
        raise Conflict(f"A message has at most {MAX_KINDS} kinds of reactions.", code="too_many_reactions")
    Reaction.objects.create(message=message, emoji=emoji, user=person)
    if not message.has_reactions:
        message.has_reactions = True
        message.save(update_fields=["has_reactions"])
    change = shown_reaction_change(message, person.pk, emoji, count + 1)
    log.emit(message.room.topic, "reaction.added", change, actor_id=person.pk, **message.scope)


@transaction.atomic
def remove_reaction(person: User, message_id: int, emoji: str) -> None:
    """Take one's reaction back; nothing where there is none. Forbidden where the room is archived."""
    message = _locked(person, message_id)
    count, is_there = _kinds(message, person).get(emoji, (0, False))
    if is_there:
        Reaction.objects.filter(message=message, emoji=emoji, user=person).delete()
        change = shown_reaction_change(message, person.pk, emoji, count - 1)
        log.emit(message.room.topic, "reaction.removed", change, actor_id=person.pk, **message.scope)


def _locked(person: User, message_id: int) -> Message:
    """The message as it is now. NotFound where they are no longer in its room."""
    lock_active(person.pk)
    message = message_for(person, message_id, is_locked=True)
    check_open(message.room)
    return message


def _kinds(message: Message, person: User) -> dict[str, tuple[int, bool]]:
    """How many reacted with each emoji, and whether this person did."""
    rows = Reaction.objects.filter(message=message).values("emoji")
    counted = rows.annotate(count=Count("id"), is_theirs=BoolOr(Q(user=person)))
    return {row["emoji"]: (row["count"], row["is_theirs"]) for row in counted}
