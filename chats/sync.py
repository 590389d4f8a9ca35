"""All that a client needs to start, and the position in the log from which its stream goes on."""

from collections.abc import Iterable
from typing import Any

from chatserver.errors import Unavailable
from chatserver.events import log
from chatserver.http.pagination import CURSOR_SIDES, LARGEST_LIMIT, Cursor, within_bytes
from rooms.access import blocked_ids
from rooms.inbox import inbox_page
from rooms.invitation_access import first_invitations
from rooms.invitation_shapes import shown_invitation
from rooms.records import SeenRoom
from rooms.views.rooms import shown_rooms
from users.models import User
from users.people_online import statuses_of
from users.presence_shapes import Status, shown_with_presence
from users.serializers import shown_user


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
        statuses: dict[int, Status] | None = _statuses_of(list(people)) if people else {}
    except Unavailable:
        statuses = None
    return [shown_with_presence(people[key], None if statuses is None else statuses[key]) for key in sorted(people)]


def _statuses_of(user_ids: list[int]) -> dict[int, Status]:
    return statuses_of(list(User.objects.filter(pk__in=user_ids).only("is_invisible", "is_active")))
