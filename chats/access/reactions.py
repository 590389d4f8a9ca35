"""Which reactions a person may see: those to messages that they may see."""

from collections.abc import Iterable
from typing import TypedDict

from django.db import connection

from chats.models import Message, Reaction
from chats.records import MessageRecord
from chatserver.http.pagination import Cursor
from users.models import User

REACTIONS = "SELECT * FROM chats_reactions(%s, %s)"


class ReactionCount(TypedDict):
    """How many people reacted so; `mine`: whether who asks is one of them."""

    emoji: str
    count: int
    mine: bool


def reactions_to(user: User, messages: Iterable[MessageRecord]) -> dict[int, list[ReactionCount]]:
    """The reactions to each of these messages that has some, the most frequent first, in one query or none."""
    ids = [message.id for message in messages if message.has_reactions and message.removed_at is None]
    found: dict[int, list[ReactionCount]] = {}
    if ids:
        with connection.cursor() as query:
            query.execute(REACTIONS, [user.pk, ids])
            for message_id, emoji, count, mine in query.fetchall():
                found.setdefault(message_id, []).append(ReactionCount(emoji=emoji, count=count, mine=mine))
    return found


def reactions_page(message: Message, cursor: Cursor) -> list[Reaction]:
    """Who reacted to a message, by the ids of the reactions."""
    return cursor.slice(Reaction.objects.filter(message=message).select_related("user"), "id")
