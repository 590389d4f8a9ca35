"""Rooms as the list of rooms reads them: what shown_room_for() needs. Models are slow to make by the hundred."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from users.rows import PersonRow


class RoomRow(NamedTuple):
    """A room, with the people of a direct one."""

    pk: int
    kind: str
    name: str
    description: str
    created_at: datetime
    archived_at: datetime | None
    last_active_at: datetime
    last_seq: int
    members_count: int
    direct_low: PersonRow | None
    direct_high: PersonRow | None


class MembershipRow(NamedTuple):
    """A person's role in a room, and how far they have read."""

    role: str
    read_seq: int


def inbox_entry(row: Sequence[Any]) -> tuple[RoomRow, MembershipRow]:
    """A row of rooms_inbox."""
    return RoomRow._make((*row[:9], _person(row[11:16]), _person(row[16:21]))), MembershipRow._make(row[9:11])


def _person(columns: Sequence[Any]) -> PersonRow | None:
    return None if columns[0] is None else PersonRow._make(columns)
