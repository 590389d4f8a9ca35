"""What a client starts with, as JSON."""

from typing import Any

from rest_framework import serializers

from chats.examples import EXAMPLE_SYNC
from chatserver.http.openapi import shows
from rooms.invitation_shapes import InvitationSerializer
from rooms.serializers import FullRoomSerializer
from users.presence_shapes import PRESENCE_STATUSES
from users.serializers import PersonSerializer, UserSerializer


class SyncPersonSerializer(PersonSerializer):
    """A person with whom one has a direct room."""

    online = serializers.BooleanField(read_only=True, allow_null=True, help_text="null while nobody knows")
    status = serializers.ChoiceField(PRESENCE_STATUSES, read_only=True, allow_null=True, help_text="the same")


@shows(a_start=EXAMPLE_SYNC)
class SyncSerializer(serializers.Serializer[Any]):
    """The schema of sync_of()."""

    position = serializers.IntegerField(read_only=True, help_text="where a stream goes on: its last_event_id")
    me = UserSerializer(read_only=True)
    invisible = serializers.BooleanField(read_only=True, help_text="whether I appear offline to others")
    is_staff = serializers.BooleanField(read_only=True, help_text="whether I look after this service")
    rooms = FullRoomSerializer(many=True, read_only=True)
    next = serializers.CharField(
        read_only=True, allow_null=True, help_text="where there are more rooms: after which GET /api/v1/rooms/ goes on"
    )
    people = SyncPersonSerializer(many=True, read_only=True)
    blocks = serializers.ListField(child=serializers.IntegerField(), read_only=True, help_text="ids of whom I block")
    invitations = InvitationSerializer(many=True, read_only=True, help_text="the first 100 of mine")
