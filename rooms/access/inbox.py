"""The list of a person's rooms, most recently active first, and the cursor that leads through it while rooms move."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from django.db import connection

from chatserver.errors import Invalid
from chatserver.http.pagination import Cursor
from chatserver.http.parameters import whole_number
from chatserver.storage.records import column_names, record_maker
from rooms.records import SeenRoom, seen_room_maker
from users.models import User

INBOX_PAGE = "SELECT * FROM rooms_seen_by_2(%s, %s, %s, %s, %s, %s::bigint[], %s, %s, %s)"
# A cursor lists the transactions that were open. PostgreSQL allows far fewer than this.
MAX_CURSOR_PARTS = 10_000


class Place(NamedTuple):
    """A place in the list, and what tells which rooms have moved since its first page (see rooms_seen_by_2.sql)."""

    newest: int
    last_id: int
    has_moved: bool
    key: int
    open: Sequence[int]

    @classmethod
    def parse(cls, text: str, field: str) -> Self:
        """The place that a cursor carries, or Invalid."""
        try:
            numbers = [whole_number(part, field) for part in text.split(".", MAX_CURSOR_PARTS)]
            newest, last_id, has_moved, key, *open_ones = numbers
            return cls(newest, last_id, (False, True)[has_moved], key, open_ones)  # IndexError: neither 0 nor 1
        except (Invalid, ValueError, IndexError) as error:
            raise Invalid(f"{field} must be what a page of this list had as next or previous.", field=field) from error

    @property
    def text(self) -> str:
        """The cursor: characters that need no escape in a URL."""
        return ".".join(map(str, (self.newest, self.last_id, int(self.has_moved), self.key, *self.open)))


class InboxRow(NamedTuple):
    """What a row has beside the room. `last_id` and `open` are None but on the first page."""

    id: int
    activity: int
    has_moved: bool
    last_id: int | None
    open: list[int] | None


def inbox_page(user: User, cursor: Cursor, *, with_archived: bool) -> tuple[list[SeenRoom], dict[int, str]]:
    """Up to limit + 1 rooms of the person, most recently active first, and the cursor of each, by room id.

    A room that does not move meanwhile comes exactly once. One that does is on a page too, at the latest behind all
    others. There it can come a second time, but once only, so that the list ends.
    """
    cursor.refuse_around()
    begin = None if cursor.side is None else Place.parse(cursor.text, cursor.side)
    place = begin or Place(0, 0, False, 0, [])
    with connection.cursor() as query:
        query.execute(
            INBOX_PAGE,
            [user.pk, with_archived, cursor.side, *place[:2], list(place.open), *place[2:4], cursor.limit + 1],
        )
        columns, rows = column_names(query), query.fetchall()
    found = list(map(record_maker(columns, InboxRow), rows))
    if begin is None and found:
        place = Place(found[0].activity, found[0].last_id or 0, False, 0, found[0].open or [])
    cursors = {
        row.id: place._replace(has_moved=row.has_moved, key=row.id if row.has_moved else row.activity).text
        for row in found
    }
    return list(map(seen_room_maker(columns), rows)), cursors
