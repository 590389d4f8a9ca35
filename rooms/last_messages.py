"""The last messages of the rooms in an answer. Rooms know no messages: the app above replaces `find` when it starts."""

from collections.abc import Callable, Sequence
from typing import Any

from rooms.records import RoomRecord


def _find_none(rooms: Sequence[RoomRecord]) -> dict[int, dict[str, Any]]:
    return {}


# The newest message of each of these rooms as the API shows it, by room id; in one query.
find: Callable[[Sequence[RoomRecord]], dict[int, dict[str, Any]]] = _find_none
