"""Rooms and members as the serializers take them: from models, or from rows of SQL functions."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from chatserver.storage.records import Columns, record_maker
from rooms.member_settings import MemberSettingsRecord
from rooms.room_settings import RoomSettingsRecord
from users.records import PersonRecord


class RoomRecord(NamedTuple):
    """A room. `people` are the two of a direct room, smaller id first; None for a group."""

    id: int
    kind: str
    name: str
    description: str
    created_at: datetime
    archived_at: datetime | None
    last_active_at: datetime
    last_seq: int
    main_seq: int
    members_count: int
    external_id: str | None
    settings: RoomSettingsRecord
    people: tuple[PersonRecord, PersonRecord] | None


class SeenRoom(NamedTuple):
    """A room as one person sees it. All but the room are None where they are not a member."""

    role: str | None
    visible_from_seq: int | None
    read_seq: int | None
    read_main_seq: int | None
    settings: MemberSettingsRecord | None
    room: RoomRecord


class MemberRecord(NamedTuple):
    """A member of a room. `read_seq` is how far others know that they have read: it only rises."""

    room_id: int
    role: str
    joined_at: datetime
    read_seq: int
    user: PersonRecord


@cache
def seen_room_maker(columns: tuple[str, ...]) -> Callable[[Columns], SeenRoom]:
    """A function that makes a SeenRoom of a row of rooms_seen_by_2."""
    low = record_maker(columns, PersonRecord, prefix="low_")
    high = record_maker(columns, PersonRecord, prefix="high_")
    low_id = columns.index("low_id")

    def people(row: Columns) -> tuple[PersonRecord, PersonRecord] | None:
        return None if row[low_id] is None else (low(row), high(row))

    return record_maker(
        columns,
        SeenRoom,
        settings=record_maker(columns, MemberSettingsRecord),
        room=record_maker(columns, RoomRecord, settings=record_maker(columns, RoomSettingsRecord), people=people),
    )
