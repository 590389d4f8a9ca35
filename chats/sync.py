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
from users.access import online_ids
from users.models import User
from users.serializers import shown_person, shown_user


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
        "rooms": shown,
        "next": cursors[rooms[-1].room.id] if has_more else None,
        "people": _people_of(user, rooms),
        "blocks": blocked_ids(user),
        "invitations": [shown_invitation(one) for one in first_invitations(user, LARGEST_LIMIT)],
    }


def _people_of(user: User, rooms: Iterable[SeenRoom]) -> list[dict[str, Any]]:
    """Those with whom the person has direct rooms among these, by id; `online` is None while Redis is away."""
    people = {person.id: person for seen in rooms for person in seen.room.people or () if person.id != user.pk}
    try:
        online = online_ids(list(people))
    except Unavailable:
        online = None
    return [
        {**shown_person(people[key]), "online": None if online is None else key in online} for key in sorted(people)
    ]
