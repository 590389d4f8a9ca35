"""Watches the log as any poller would, and keeps its rows as long as a reader has yet to be compared with them.

I2 is checked here: rows become visible in their order and without a gap, and none appears below one that was seen.
"""

import asyncio
import json
import threading
import time
import zlib
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg2

from benchmarks.torture.positions import Density
from benchmarks.torture.violations import Findings

EVENT, SUBSCRIBE, UNSUBSCRIBE, REVOKE = range(4)

POLL_SECONDS = 0.03
RETRY_SECONDS = 0.2
BATCH = 1_000
# How far below the newest row a late one is looked for, and how often. The end of the run looks at all.
RECENT_ROWS = 5_000
COUNT_SECONDS = 0.5

ROWS = (
    "SELECT position, kind, topic, type, actor_id, room_id, "
    "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), body, user_ids "
    "FROM events_event WHERE position > %s ORDER BY position LIMIT %s"
)
COUNT = "SELECT count(*) FROM events_event WHERE position BETWEEN %s AND %s"
STARTED = "SELECT pg_postmaster_start_time()"


class Row(NamedTuple):
    """`digest` is of the `data:` line that clients have to get; `size` is of the body."""

    position: int
    kind: int
    topic: str
    type: str
    user_ids: frozenset[int]
    digest: int
    size: int
    body: dict[str, Any]


def read_row(fields: tuple[Any, ...]) -> Row:
    position, kind, topic, row_type, actor_id, room_id, at, body, user_ids = fields
    facts = f'"room_id":{_json(room_id)},"actor_id":{_json(actor_id)},"at":"{at}","data":{body}'
    data = f'{{"position":{position},"type":"{row_type}",{facts}}}'
    users = frozenset(user_ids or ())
    return Row(position, kind, topic, row_type, users, zlib.crc32(data.encode()), len(body), json.loads(body))


def read_rows(cursor: "psycopg2.extensions.cursor", after: int, limit: int | None = None) -> list[Row]:
    """The rows behind a position, in their order."""
    cursor.execute(ROWS, [after, limit])
    return [read_row(fields) for fields in cursor.fetchall()]


def _json(value: int | None) -> str:
    return "null" if value is None else str(value)


class Rows:
    """The rows between the slowest reader and the end, by position. Positions without a row are jumps, or gaps."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._positions: list[int] = []
        self.position = 0
        # How many there ever were.
        self.count = 0

    def append(self, row: Row) -> None:
        self._rows.append(row)
        self._positions.append(row.position)
        self.position = row.position
        self.count += 1

    def between(self, after: int, upto: int) -> list[Row]:
        """The rows with after < position <= upto."""
        return self._rows[bisect_right(self._positions, after) : bisect_right(self._positions, upto)]

    def forget(self, upto: int) -> None:
        end = bisect_right(self._positions, upto)
        del self._rows[:end], self._positions[:end]

    def leave(self, kept: int, rows: list[Row]) -> "Rows":
        """Go another way behind `kept`. Returns the way that is left: `rows` are those on it, in any case behind it."""
        left = Rows()
        for row in self.between(0, kept):
            left.append(row)
        left.position = min(kept, self.position)
        for row in rows:
            if row.position > left.position:
                left.append(row)
        self.count -= sum(kept < row.position <= self.position for row in rows)
        end = bisect_right(self._positions, kept)
        del self._rows[end:], self._positions[end:]
        self.position = min(kept, self.position)
        return left

    def __len__(self) -> int:
        return len(self._rows)


class Tail(threading.Thread):
    """Reads the log in a thread. `take(rows, began)` is called in the loop after each look that began at this time.

    `starts` tells how often PostgreSQL was started so far.
    """

    def __init__(
        self,
        connect: Callable[[], "psycopg2.extensions.connection"],
        starts: Callable[[], int],
        take: Callable[[list[Row], float], None],
        findings: Findings,
    ) -> None:
        super().__init__(name="tail", daemon=True)
        self._connect = connect
        self._starts = starts
        self._take = take
        self._findings = findings
        self._loop = asyncio.get_running_loop()
        self._bell = threading.Event()
        self._looking = threading.Lock()
        self._is_stopping = False
        self._density = Density()
        self._recent: deque[int] = deque(maxlen=RECENT_ROWS)
        self._started_at: Any = None
        self._starts_known = starts()
        self._count_at = 0.0

    def ring(self) -> None:
        """Look now."""
        self._bell.set()

    def stop(self) -> None:
        self._is_stopping = True
        self._bell.set()

    def leave(self, kept: int) -> None:
        """Behind `kept` the log goes another way: a replica was promoted. What was read before was handed over."""
        with self._looking:
            self._density.leave(kept)
            self._recent = deque((position for position in self._recent if position <= kept), RECENT_ROWS)
            self._started_at, self._starts_known = None, self._starts()

    def run(self) -> None:
        connection = None
        while not self._is_stopping:
            self._bell.wait(POLL_SECONDS)
            self._bell.clear()
            try:
                connection = connection or self._begin()
                with self._looking:
                    self._look(connection)
            except psycopg2.Error:  # PostgreSQL is away: that is one of the faults
                connection = None
                time.sleep(RETRY_SECONDS)
        if connection is not None:
            connection.close()

    def _begin(self) -> "psycopg2.extensions.connection":
        """A connection. It ends with the PostgreSQL that it is to, so only here may there be another one."""
        connection = self._connect()
        starts = self._starts()
        with connection.cursor() as cursor:
            cursor.execute(STARTED)
            ((started_at,),) = cursor.fetchall()
        if self._started_at not in {None, started_at}:
            # More than one where it was started again before we came to look.
            self._density.started(max(1, starts - self._starts_known))
            self._starts_known = starts
        self._started_at = started_at
        return connection

    def _look(self, connection: "psycopg2.extensions.connection") -> None:
        began = time.monotonic()
        with connection.cursor() as cursor:
            rows = read_rows(cursor, self._density.position, BATCH)
            for row in rows:
                complaint = self._density.take(row.position)
                if complaint is not None:
                    self._tell(complaint)
                self._recent.append(row.position)
            if len(rows) < BATCH:
                self._density.saw_all()
            self._hand_over(rows, began)
            if began > self._count_at and self._recent:
                self._count_at = began + COUNT_SECONDS
                first, last = self._recent[0], self._recent[-1]
                cursor.execute(COUNT, [first, last])
                ((count,),) = cursor.fetchall()
                if count != len(self._recent):
                    self._tell(f"{count} rows are visible from {first} to {last}, where {len(self._recent)} were seen")

    def _tell(self, what: str) -> None:
        self._call(self._findings.add, "I2", what)

    def _hand_over(self, rows: list[Row], began: float) -> None:
        self._call(self._take, rows, began)

    def _call(self, call: Callable[..., None], *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)
