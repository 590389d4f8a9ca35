"""Rooms as JSON, the same in REST answers and in events, and the bodies that are accepted."""

from collections.abc import Sequence
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chatserver.http.fields import BoundedListField, FlagField, IdField, MetadataField, NameField, TextField
from chatserver.http.openapi import shows
from chatserver.times import api_time
from rooms.examples import EXAMPLE_FULL_ROOM
from rooms.models import MAX_CLIENT_ROOM_ID, MAX_DESCRIPTION, MAX_NAME, Kind, Role, Room
from rooms.records import RoomRecord, SeenRoom
from rooms.room_settings import Allowed, History
from rooms.serializers import last_messages
from rooms.serializers.members import MAX_MEMBERS_AT_ONCE, NamedPersonField
from rooms.serializers.settings import MemberSettingsSerializer, RoomSettingsSerializer, shown_settings
from users.models import User
from users.serializers.people import PersonSerializer, shown_person


def shown_room(room: RoomRecord) -> dict[str, Any]:
    """A room as everybody in it sees it, without what is personal."""
    return {
        "id": room.id,
        "kind": room.kind,
        "name": room.name,
        "description": room.description,
        "people": None if room.people is None else [shown_person(person) for person in room.people],
        "created_at": api_time(room.created_at),
        "archived_at": api_time(room.archived_at),
        "last_active_at": api_time(room.last_active_at),
        "last_seq": room.last_seq,
        "main_seq": room.main_seq,
        "members_count": room.members_count,
        "external_id": room.external_id,
        **room.settings._asdict(),
        "metadata": {} if room.settings.metadata == "{}" else msgspec.json.decode(room.settings.metadata),
    }


def shown_room_for(seen: SeenRoom) -> dict[str, Any]:
    """A room as one person sees it: with their role, their read marker and how many messages are unread."""
    unread = None if seen.read_main_seq is None else max(0, seen.room.main_seq - seen.read_main_seq)
    marker = {"read_seq": seen.read_seq, "read_main_seq": seen.read_main_seq, "unread": unread}
    mine = None if seen.settings is None else shown_settings(seen.room.id, seen.room.main_seq, seen.settings)
    place = {"role": seen.role, "visible_from_seq": seen.visible_from_seq}
    return shown_room(seen.room) | place | marker | {"me": mine}


class RoomSerializer(serializers.Serializer[Room]):
    """The schema of shown_room()."""

    id = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(Kind.choices, read_only=True)
    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    people = PersonSerializer(many=True, read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    archived_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_active_at = serializers.DateTimeField(read_only=True)
    last_seq = serializers.IntegerField(read_only=True)
    # The log keeps events of the release before, which have neither this nor what follows.
    main_seq = serializers.IntegerField(required=False, help_text="how many messages are no replies in threads")
    members_count = serializers.IntegerField(read_only=True)
    external_id = serializers.CharField(required=False, allow_null=True, help_text="what the host product calls it")
    posting = serializers.ChoiceField(Allowed.choices, required=False)
    history = serializers.ChoiceField(
        History.choices,
        required=False,
        help_text="what those see who join from now on: `from_joining`, only later messages",
    )
    slow_mode_seconds = serializers.IntegerField(
        required=False, help_text="between two messages of a member; 0: any time"
    )
    edit_minutes = serializers.IntegerField(
        required=False, allow_null=True, help_text="for which one may edit one's messages; null: for ever"
    )
    max_length = serializers.IntegerField(
        required=False, allow_null=True, help_text="of messages; null: as long as any may be"
    )
    pinning = serializers.ChoiceField(Allowed.choices, required=False)
    join_requests = serializers.BooleanField(required=False, help_text="whether people may ask to join")
    metadata = MetadataField(required=False, help_text="what the owners or the host product keep here")


# By its name: messages belong to the app above.
@extend_schema_field({"$ref": "#/components/schemas/Message"})
class LastMessageField(serializers.JSONField):
    """A message, as last_messages.find() shows it."""


@shows(a_room=EXAMPLE_FULL_ROOM)
class FullRoomSerializer(RoomSerializer):
    """A room as one person sees it, with its last message."""

    role = serializers.ChoiceField(Role.choices, read_only=True, allow_null=True)
    visible_from_seq = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="I see no messages with a lower seq, nor replies to these; 0: I see all",
    )
    read_seq = serializers.IntegerField(read_only=True, allow_null=True)
    read_main_seq = serializers.IntegerField(read_only=True, allow_null=True)
    unread = serializers.IntegerField(read_only=True, allow_null=True)
    mentions = serializers.IntegerField(read_only=True, allow_null=True, help_text="of me, unread; at most 100")
    me = MemberSettingsSerializer(read_only=True, allow_null=True)
    last_message = LastMessageField(read_only=True, allow_null=True)


@shows(with_members={"name": "Launch", "kind": "closed", "members": [2, 3]})
class NewRoomSerializer(RoomSettingsSerializer):
    name = NameField(max_length=MAX_NAME)
    kind = serializers.ChoiceField([Kind.OPEN, Kind.CLOSED], default=Kind.CLOSED)
    description = TextField(max_length=MAX_DESCRIPTION, allow_blank=True, default="")
    members = BoundedListField(child=IdField(), default=list, max_length=MAX_MEMBERS_AT_ONCE)
    client_room_id = TextField(max_length=MAX_CLIENT_ROOM_ID, required=False, allow_null=True)


@shows(an_order={"name": "Order 551", "kind": "closed", "members": ["external:customer-7", 7], "exact": True})
class ExternalRoomSerializer(RoomSettingsSerializer):
    """The state of a room. With `exact` the members are these and no others."""

    name = NameField(max_length=MAX_NAME)
    kind = serializers.ChoiceField([Kind.OPEN, Kind.CLOSED], required=False)
    description = TextField(max_length=MAX_DESCRIPTION, allow_blank=True, required=False)
    members = BoundedListField(child=NamedPersonField(), required=False, max_length=MAX_MEMBERS_AT_ONCE)
    exact = FlagField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["exact"] and "members" not in attrs:
            raise serializers.ValidationError({"members": "Name the members that are to stay."})
        return {"members": []} | attrs


class ClaimedRoomSerializer(serializers.Serializer[Any]):
    """A room in the claim of a token."""

    id = TextField(trim_whitespace=False)
    name = NameField(max_length=MAX_NAME)


@shows(a_name={"name": "Launch day"}, for_news={"posting": "moderators"}, to_restore_it={"archived": False})
class RoomChangeSerializer(RoomSettingsSerializer):
    """What an owner may change; a moderator the name, description, kind and slow mode. A direct room stays one."""

    name = NameField(max_length=MAX_NAME, required=False)
    kind = serializers.ChoiceField([Kind.OPEN, Kind.CLOSED], required=False)
    description = TextField(max_length=MAX_DESCRIPTION, allow_blank=True, required=False)
    archived = FlagField(required=False)


def shown_left_room(room_id: int, *, by_themselves: bool) -> dict[str, Any]:
    """For a person who is no longer in a room: whether they left it, or were removed."""
    return {"room_id": room_id, "reason": "left" if by_themselves else "removed"}


class LeftRoomSerializer(serializers.Serializer[Any]):
    """A room that one is no longer in."""

    room_id = serializers.IntegerField(read_only=True)
    reason = serializers.ChoiceField(["left", "removed"], read_only=True)


def shown_rooms(user: User, seen_rooms: Sequence[SeenRoom]) -> list[dict[str, Any]]:
    """Rooms as the caller sees them, with the last messages of the rooms that they are in."""
    mine = [seen for seen in seen_rooms if seen.role is not None]
    latest = last_messages.find(mine)
    unread = [seen.room.id for seen in mine if seen.room.main_seq > (seen.read_main_seq or 0)]
    mentions = dict.fromkeys((seen.room.id for seen in mine), 0)
    if unread:
        mentions |= last_messages.count_mentions(user.pk, unread)
    return [
        shown_room_for(seen) | {"mentions": mentions.get(seen.room.id), "last_message": latest.get(seen.room.id)}
        for seen in seen_rooms
    ]
