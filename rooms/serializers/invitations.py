"""Invitations as JSON, and the bodies that are accepted."""

from typing import Any

from rest_framework import serializers

from chatserver.events.catalogue import EXAMPLE_ROOM_ID
from chatserver.http.fields import IdField, WholeNumberField
from chatserver.http.openapi import shows
from chatserver.times import api_time
from rooms.models import Invitation, Kind
from users.examples import EXAMPLE_PERSON
from users.serializers.people import PersonSerializer, shown_person

MAX_EXPIRES_IN = 31_536_000
MAX_USES = 10_000
EXAMPLE_INVITATION = {
    "id": 1,
    "room_id": EXAMPLE_ROOM_ID,
    "room": {"kind": "closed", "name": "Launch", "description": "The big day", "members_count": 3},
    "inviter": EXAMPLE_PERSON,
    "user_id": 2,
    "created_at": "2026-11-22T13:33:24Z",
    "expires_at": None,
    "uses_left": None,
}


def shown_invitation(invitation: Invitation) -> dict[str, Any]:
    """An invitation, with what one may know of the room before one is in it. Needs the room and the inviter."""
    room = invitation.room
    return {
        "id": invitation.pk,
        "room_id": room.pk,
        "room": {
            "kind": room.kind,
            "name": room.name,
            "description": room.description,
            "members_count": room.members_count,
        },
        "inviter": shown_person(invitation.inviter.record),
        "user_id": invitation.user_id,
        "created_at": api_time(invitation.created_at),
        "expires_at": api_time(invitation.expires_at),
        "uses_left": invitation.uses_left,
    }


class InvitedRoomSerializer(serializers.Serializer[Any]):
    """What one may know of a room before one is in it."""

    kind = serializers.ChoiceField(Kind.choices)
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    members_count = serializers.IntegerField()


@shows(an_invitation=EXAMPLE_INVITATION)
class InvitationSerializer(serializers.Serializer[Invitation]):
    """The schema of shown_invitation(). `user_id` is null for a link, `uses_left` where it has no such limit."""

    id = serializers.IntegerField(read_only=True)
    room_id = serializers.IntegerField(read_only=True)
    room = InvitedRoomSerializer(read_only=True)
    inviter = PersonSerializer(read_only=True)
    user_id = serializers.IntegerField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)
    uses_left = serializers.IntegerField(read_only=True, allow_null=True)


def shown_ended_invitation(invitation_id: int, room_id: int) -> dict[str, Any]:
    """For the person who was invited."""
    return {"id": invitation_id, "room_id": room_id}


class EndedInvitationSerializer(serializers.Serializer[Any]):
    """An invitation that was accepted, declined or revoked."""

    id = serializers.IntegerField()
    room_id = serializers.IntegerField()


@shows(a_link=EXAMPLE_INVITATION | {"user_id": None, "expires_at": "2026-11-29T13:33:24Z", "code": "ci_9vX…"})
class MadeInvitationSerializer(InvitationSerializer):
    """With the code of a link, which is shown this once; null for a person."""

    code = serializers.CharField(read_only=True, allow_null=True)


@shows(of_a_person={"user_id": 2}, a_link={"expires_in": 86400, "uses": 10})
class NewInvitationSerializer(serializers.Serializer[Any]):
    """`user_id` invites a person; without it a link is made, for seven days and any number of uses if not said."""

    user_id = IdField(required=False, allow_null=True)
    expires_in = WholeNumberField(min_value=60, max_value=MAX_EXPIRES_IN, required=False, allow_null=True)
    uses = WholeNumberField(min_value=1, max_value=MAX_USES, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in attrs.items() if value is not None}
        if {"user_id", "uses"} <= given.keys():
            raise serializers.ValidationError({"uses": "The invitation of a person is used once."})
        return given
