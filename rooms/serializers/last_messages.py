"""The last messages of the rooms in an answer, and how often one is mentioned there.

Rooms know no messages: the app above replaces these two when it starts.
"""

from collections.abc import Callable, Sequence
from typing import Any

from rooms.records import SeenRoom


def _find_none(rooms: Sequence[SeenRoom]) -> dict[int, dict[str, Any]]:
    return {}


# The newest message of each of these rooms that its member may see, as the API shows it, by room id; in one query.
find: Callable[[Sequence[SeenRoom]], dict[int, dict[str, Any]]] = _find_none


def _count_none(user_id: int, room_ids: Sequence[int]) -> dict[int, int]:
    return {}


# How often a person is mentioned in each of these rooms beyond their read marker, by room id; in one query.
count_mentions: Callable[[int, Sequence[int]], dict[int, int]] = _count_none
