"""Who types where, as JSON, and the body that says so."""

from typing import Any

from rest_framework import serializers

from chats.typing_pauses import TYPING_SHOWN_SECONDS
from chatserver.events.catalogue import EXAMPLE_ROOM_ID
from chatserver.http.fields import IdField
from chatserver.http.openapi import shows
from rooms.models import Membership

EXAMPLE_TYPING = {"room_id": EXAMPLE_ROOM_ID, "parent_id": None, "user_id": 1}


def shown_typing(member: Membership, root_id: int | None) -> dict[str, Any]:
    """Who types in their room, or in the thread of a root there."""
    return {"room_id": member.room_id, "parent_id": root_id, "user_id": member.user_id}


@shows(in_a_room={}, in_a_thread={"parent_id": 12})
class NewTypingSerializer(serializers.Serializer[Any]):
    """Where one types: in the room, or in the thread of a message."""

    parent_id = IdField(required=False, allow_null=True)


@shows(in_a_room=EXAMPLE_TYPING)
class EndedTypingSerializer(serializers.Serializer[Any]):
    """Who types no longer, and where."""

    room_id = serializers.IntegerField(read_only=True)
    parent_id = serializers.IntegerField(read_only=True, allow_null=True, help_text="the root of the thread")
    user_id = serializers.IntegerField(read_only=True)


@shows(in_a_room={**EXAMPLE_TYPING, "expires_in": TYPING_SHOWN_SECONDS})
class TypingSerializer(EndedTypingSerializer):
    """Who types where, and for how many seconds that is to be shown."""

    expires_in = serializers.IntegerField(read_only=True, help_text="seconds, unless something ends it before")
