"""How events look in the API: the envelope, which the stream and GET /api/v1/events/ share."""

from typing import Any

from rest_framework import serializers

from chatserver.http.openapi import shows


class EventSerializer(serializers.Serializer[Any]):
    """The envelope, as event_json() writes it. The schema of each type narrows it, see openapi.py."""

    position = serializers.IntegerField()
    type = serializers.CharField()
    room_id = serializers.IntegerField(allow_null=True)
    actor_id = serializers.IntegerField(allow_null=True, help_text="who did it, or null")
    at = serializers.DateTimeField()
    data = serializers.DictField(help_text="what it is about, as REST shows it")  # type: ignore[assignment]  # Serializer.data


class ResetSerializer(serializers.Serializer[Any]):
    """Why the events after a position can't be given, and the position to continue from."""

    reason = serializers.ChoiceField(["future", "trimmed", "lost", "rejoined"])
    position = serializers.IntegerField()


@shows(nothing_new={"results": [], "next": 812, "reset": None})
class EventPageSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)
    next = serializers.IntegerField(help_text="what to send as `after` the next time")
    reset = ResetSerializer(allow_null=True)
