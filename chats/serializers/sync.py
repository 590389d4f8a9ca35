"""All that a client needs to start, and the position in the log from which its stream goes on."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from chats.examples import EXAMPLE_SYNC
from chatserver.errors import Unavailable
from chatserver.events import log
from chatserver.http.openapi import shows
from chatserver.http.pagination import CURSOR_SIDES, LARGEST_LIMIT, Cursor, within_bytes
from rooms.access.blocks import blocked_ids
from rooms.access.inbox import inbox_page
from rooms.access.invitations import first_invitations
from rooms.records import SeenRoom
from rooms.serializers.invitations import InvitationSerializer, shown_invitation
from rooms.serializers.rooms import FullRoomSerializer, shown_rooms
from users.access.people_online import statuses_by_id
from users.models import User
from users.presence_status import PRESENCE_STATUSES, Status
from users.serializers.people import PersonSerializer, UserSerializer, shown_user
from users.serializers.presence import shown_with_presence


def sync_of(user: User, cursor: Cursor) -> dict[str, Any]:
    """The position, read before all else: whatever changes meanwhile is told by the events after it. Invalid."""
    cursor.refuse(*CURSOR_SIDES)
    position = log.position()
    rooms, cursors = inbox_page(user, cursor, with_archived=False)
    shown = within_bytes(shown_rooms(user, rooms[: cursor.limit]))
    has_more, rooms = len(rooms) > len(shown), rooms[: len(shown)]
    return {
        "position": position,
        "me": shown_user(user, user),
        "invisible": user.is_invisible,
        "is_staff": user.is_staff,
        "rooms": shown,
        "next": cursors[rooms[-1].room.id] if has_more else None,
        "people": _people_of(user, rooms),
        "blocks": blocked_ids(user),
        "invitations": [shown_invitation(one) for one in first_invitations(user, LARGEST_LIMIT)],
    }


def _people_of(user: User, rooms: Iterable[SeenRoom]) -> list[dict[str, Any]]:
    """Those with whom the person has direct rooms among these, by id; the status is None while Redis is away."""
    people = {person.id: person for seen in rooms for person in seen.room.people or () if person.id != user.pk}
    try:
        statuses: dict[int, Status] | None = statuses_by_id(people) if people else {}
    except Unavailable:
        statuses = None
    return [shown_with_presence(people[key], None if statuses is None else statuses[key]) for key in sorted(people)]


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
