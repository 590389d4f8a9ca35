"""What holds in a room, and what each person sets for themselves there, as JSON."""

from typing import Any

from rest_framework import serializers

from chatserver.http.fields import FlagField, MetadataField, TimeField, WholeNumberField
from chatserver.http.openapi import shows
from chatserver.times import api_time
from rooms.examples import EXAMPLE_SETTINGS
from rooms.member_settings import MemberSettingsRecord, Notify
from rooms.room_settings import MAX_EDIT_MINUTES, MAX_MESSAGE_LENGTH, MAX_SLOW_MODE_SECONDS, Allowed, History


def shown_settings(room_id: int, main_seq: int, settings: MemberSettingsRecord) -> dict[str, Any]:
    """What a person set for themselves in a room that has `main_seq` messages without replies."""
    return {
        "room_id": room_id,
        "notify": settings.notify,
        "muted_until": api_time(settings.muted_until),
        "pinned": settings.is_pinned,
        "hidden": settings.is_hidden(main_seq),
        "hidden_seq": settings.hidden_seq,
    }


@shows(settings=EXAMPLE_SETTINGS)
class MemberSettingsSerializer(serializers.Serializer[Any]):
    """The schema of shown_settings(). A room is hidden while its `main_seq` is not above `hidden_seq`."""

    room_id = serializers.IntegerField(read_only=True)
    notify = serializers.ChoiceField(Notify.choices, read_only=True)
    muted_until = serializers.DateTimeField(read_only=True, allow_null=True)
    pinned = serializers.BooleanField(read_only=True)
    hidden = serializers.BooleanField(read_only=True)
    hidden_seq = serializers.IntegerField(read_only=True, allow_null=True)


@shows(for_the_weekend={"notify": "mentions", "muted_until": "2026-11-30T08:00:00Z"}, at_the_top={"pinned": True})
class MemberSettingsChangeSerializer(serializers.Serializer[Any]):
    """What I set for myself in a room."""

    notify = serializers.ChoiceField(Notify.choices, required=False)
    muted_until = TimeField(required=False, allow_null=True)
    pinned = FlagField(required=False)
    hidden = FlagField(required=False)


class RoomSettingsSerializer(serializers.Serializer[Any]):
    """What holds in a group room, as it is made or changed."""

    posting = serializers.ChoiceField(Allowed.choices, required=False)
    history = serializers.ChoiceField(History.choices, required=False)
    slow_mode_seconds = WholeNumberField(min_value=0, max_value=MAX_SLOW_MODE_SECONDS, required=False)
    edit_minutes = WholeNumberField(min_value=0, max_value=MAX_EDIT_MINUTES, required=False, allow_null=True)
    max_length = WholeNumberField(min_value=1, max_value=MAX_MESSAGE_LENGTH, required=False, allow_null=True)
    pinning = serializers.ChoiceField(Allowed.choices, required=False)
    join_requests = FlagField(required=False)
    metadata = MetadataField(required=False)
