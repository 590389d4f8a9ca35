"""Requests to join a room as JSON, and the body that is accepted."""

from typing import Any

from rest_framework import serializers

from chatserver.events.catalogue import EXAMPLE_ROOM_ID
from chatserver.http.fields import TextField
from chatserver.http.openapi import shows
from chatserver.times import api_time
from rooms.models import MAX_REQUEST_TEXT, JoinRequest
from users.examples import EXAMPLE_PERSON
from users.serializers.people import PersonSerializer, shown_person

EXAMPLE_ASKED = {
    "room_id": EXAMPLE_ROOM_ID,
    "user": EXAMPLE_PERSON,
    "requested_at": "2026-11-22T13:33:24Z",
}
EXAMPLE_JOIN_REQUEST = {**EXAMPLE_ASKED, "message": "I work on the launch, too"}


def shown_asked(request: JoinRequest) -> dict[str, Any]:
    """Who asks for a room, without their words: those end with the request, and an event does not. Needs the user."""
    return {
        "room_id": request.room_id,
        "user": shown_person(request.user.record),
        "requested_at": api_time(request.requested_at),
    }


def shown_join_request(request: JoinRequest) -> dict[str, Any]:
    """Who asks for a room, with their words. Needs the user."""
    return shown_asked(request) | {"message": request.message}


@shows(asked=EXAMPLE_ASKED)
class AskedToJoinSerializer(serializers.Serializer[JoinRequest]):
    """The schema of shown_asked()."""

    room_id = serializers.IntegerField(read_only=True)
    user = PersonSerializer(read_only=True)
    requested_at = serializers.DateTimeField(read_only=True)


@shows(a_request=EXAMPLE_JOIN_REQUEST)
class JoinRequestSerializer(AskedToJoinSerializer):
    """The schema of shown_join_request()."""

    message = serializers.CharField(read_only=True)


def shown_ended_request(room_id: int, user_id: int) -> dict[str, Any]:
    """For the person who asked, and for the moderators of the room."""
    return {"room_id": room_id, "user_id": user_id}


class EndedJoinRequestSerializer(serializers.Serializer[Any]):
    """A request that was approved, declined or withdrawn."""

    room_id = serializers.IntegerField()
    user_id = serializers.IntegerField()


@shows(with_words={"message": "I work on the launch, too"})
class NewJoinRequestSerializer(serializers.Serializer[Any]):
    message = TextField(max_length=MAX_REQUEST_TEXT, allow_blank=True, default="")
