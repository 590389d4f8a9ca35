"""How people come online in tests, and how others see them."""

import uuid
from typing import Any

from users import presence
from users.actions.presence import tell_presence
from users.models import User
from users.presence_changes import note_changes, take_changes

MINE = "/api/v1/users/me/presence/"
ACTIVITY = "/api/v1/users/me/activity/"
ONLINE = "/api/v1/users/online/"

Told = list[tuple[int, str]]


def come_online(*people: User) -> None:
    note_changes(presence.open_streams([(user.pk, uuid.uuid4().hex) for user in people])[0])


def telling(told: Told) -> Told:
    """What is told of the changes until now."""
    told.clear()
    tell_presence(take_changes())
    return told


def seen_by(client: Any, user: User) -> str | None:
    """How a person is listed: with those of the rooms, and by id."""
    lists = [client.get(ONLINE + query).json()["results"] for query in ("", f"?ids={user.pk}")]
    first, second = [{person["id"]: person["status"] for person in people}.get(user.pk) for people in lists]
    assert first == second
    return first
