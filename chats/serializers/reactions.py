"""Reactions as JSON, in answers and in events."""

from typing import Any

from rest_framework import serializers

from chats.examples import EXAMPLE_REACTION, EXAMPLE_REACTION_CHANGE
from chats.models import Message, Reaction
from chatserver.http.openapi import shows
from chatserver.times import api_time
from users.serializers.people import PersonSerializer, shown_person


def shown_reaction(reaction: Reaction) -> dict[str, Any]:
    """One person's reaction. Needs the user."""
    return {
        "id": reaction.pk,
        "emoji": reaction.emoji,
        "user": shown_person(reaction.user.record),
        "reacted_at": api_time(reaction.reacted_at),
    }


def shown_reaction_change(message: Message, user_id: int, emoji: str, count: int) -> dict[str, Any]:
    """That a person reacted, or took it back; `count` people react so now."""
    return {
        "message_id": message.pk,
        "room_id": message.room_id,
        "seq": message.seq,
        "user_id": user_id,
        "emoji": emoji,
        "count": count,
    }


@shows(a_reaction=EXAMPLE_REACTION)
class ReactionSerializer(serializers.Serializer[Reaction]):
    """The schema of shown_reaction()."""

    id = serializers.IntegerField()
    emoji = serializers.CharField()
    user = PersonSerializer()
    reacted_at = serializers.DateTimeField()


@shows(a_change=EXAMPLE_REACTION_CHANGE)
class ReactionChangeSerializer(serializers.Serializer[Any]):
    """What events tell: `count` is how many have this reaction now."""

    message_id = serializers.IntegerField()
    room_id = serializers.IntegerField()
    seq = serializers.IntegerField()
    user_id = serializers.IntegerField()
    emoji = serializers.CharField()
    count = serializers.IntegerField()
