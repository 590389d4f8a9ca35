"""Watches the log as any poller would, and keeps its rows as long as a reader has yet to be compared with them.

I2 is checked here: rows become visible in their order and without a gap, and none appears below one that was seen.
"""

import asyncio
import json
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg2

from benchmarks.torture.findings import Findings

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
COUNT = (
    "SELECT h.position, max(e.position), count(*), min(e.position) FROM events_head h, events_event e "
    "WHERE h.id = 1 AND e.position > %s GROUP BY h.position"
)


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


def _json(value: int | None) -> str:
    return "null" if value is None else str(value)


class Rows:
    """The rows between the slowest reader and the end, by position. Positions without a row are gaps, told already."""

    def __init__(self) -> None:
        self._rows: deque[Row | None] = deque()
        self._first = 1
        self.position = 0

    def append(self, row: Row) -> None:
        self._rows.extend([None] * (row.position - self.position - 1))
        self._rows.append(row)
        self.position = row.position

    def between(self, after: int, upto: int) -> list[Row]:
        """The rows with after < position <= upto."""
        begin, end = max(0, after + 1 - self._first), max(0, upto + 1 - self._first)
        found = (self._rows[index] for index in range(begin, min(end, len(self._rows))))
        return [row for row in found if row is not None]

    def forget(self, upto: int) -> None:
        while self._rows and self._first <= upto:
            self._rows.popleft()
            self._first += 1

    def __len__(self) -> int:
        return len(self._rows)


class Tail(threading.Thread):
    """Reads the log in a thread. `take(rows, began)` is called in the loop after each look that began at this time."""

    def __init__(
        self,
        connect: Callable[[], "psycopg2.extensions.connection"],
        take: Callable[[list[Row], float], None],
        findings: Findings,
    ) -> None:
        super().__init__(name="tail", daemon=True)
        self._connect = connect
        self._take = take
        self._findings = findings
        self._loop = asyncio.get_running_loop()
        self._bell = threading.Event()
        self._is_stopping = False
        self._position = 0
        self._count_at = 0.0

    def ring(self) -> None:
        """Look now."""
        self._bell.set()

    def stop(self) -> None:
        self._is_stopping = True
        self._bell.set()

    def run(self) -> None:
        connection = None
        while not self._is_stopping:
            self._bell.wait(POLL_SECONDS)
            self._bell.clear()
            try:
                connection = connection or self._connect()
                self._look(connection)
            except psycopg2.Error:  # PostgreSQL is away: that is one of the faults
                connection = None
                time.sleep(RETRY_SECONDS)
        if connection is not None:
            connection.close()

    def _look(self, connection: "psycopg2.extensions.connection") -> None:
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [self._position, BATCH])
            rows = [read_row(fields) for fields in cursor.fetchall()]
            for row in rows:
                if row.position != self._position + 1:
                    self._tell(f"position {row.position} became visible while {self._position + 1} was not")
                self._position = row.position
            self._hand_over(rows, began)
            if began > self._count_at:
                self._count_at = began + COUNT_SECONDS
                cursor.execute(COUNT, [max(0, self._position - RECENT_ROWS)])
                for head, last, count, first in cursor.fetchall():
                    self._check_count(head, last, count, first)

    def _check_count(self, head: int, last: int, count: int, first: int) -> None:
        if head != last:
            self._tell(f"the head says {head}, but the newest row is {last}")
        if count != last - first + 1:
            self._tell(f"{count} rows are visible from {first} to {last}: {last - first + 1 - count} are missing there")

    def _tell(self, what: str) -> None:
        self._call(self._findings.add, "I2", what)

    def _hand_over(self, rows: list[Row], began: float) -> None:
        self._call(self._take, rows, began)

    def _call(self, call: Callable[..., None], *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)
