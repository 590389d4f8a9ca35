"""Watches the log as any poller would.

I2 is checked here: rows become visible in their order and without a gap, and none appears below one that was seen.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import psycopg2

from benchmarks.processes.postgres import Connection
from benchmarks.torture.log import Row, read_rows
from benchmarks.torture.positions import Positions
from benchmarks.torture.violations import Violations

LOOK_SECONDS = 0.03
RETRY_SECONDS = 0.2
BATCH = 1_000
# How far below the newest row a late one is looked for, and how often. The end of the run looks at all.
RECENT_ROWS = 5_000
COUNT_SECONDS = 0.5
COUNT = "SELECT count(*) FROM events_event WHERE position BETWEEN %s AND %s"
STARTED = "SELECT pg_postmaster_start_time()"


class LogWatcher(threading.Thread):
    """Reads the log in a thread. `take(rows, began)` is called in the loop after each look that began at this time.

    `starts` tells how often PostgreSQL was started so far.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        starts: Callable[[], int],
        take: Callable[[list[Row], float], None],
        violations: Violations,
    ) -> None:
        super().__init__(name="log watcher", daemon=True)
        self._connect = connect
        self._starts = starts
        self._take = take
        self._violations = violations
        self._loop = asyncio.get_running_loop()
        self._is_stopping = threading.Event()
        self._looking = threading.Lock()
        self._positions = Positions()
        self._recent: deque[int] = deque(maxlen=RECENT_ROWS)
        self._started_at: Any = None
        self._starts_known = starts()
        self._count_at = 0.0

    def stop(self) -> None:
        self._is_stopping.set()

    def promoted(self, kept: int) -> None:
        """Behind `kept` the log goes another way. What was read before was handed over."""
        with self._looking:
            self._positions.promoted(kept)
            self._recent = deque((position for position in self._recent if position <= kept), RECENT_ROWS)
            self._started_at, self._starts_known = None, self._starts()

    def run(self) -> None:
        while not self._is_stopping.is_set():
            # PostgreSQL may be away: that is one of the faults.
            with contextlib.suppress(psycopg2.Error), contextlib.closing(self._connect()) as connection:
                self._note_start(connection)
                while not self._is_stopping.wait(LOOK_SECONDS):
                    with self._looking, connection.cursor() as cursor:
                        self._look(cursor)
            self._is_stopping.wait(RETRY_SECONDS)

    def _note_start(self, connection: Connection) -> None:
        """A connection ends with the PostgreSQL that it is to, so only with a new one may there be another."""
        starts = self._starts()
        with connection.cursor() as cursor:
            cursor.execute(STARTED)
            ((started_at,),) = cursor.fetchall()
        if self._started_at not in {None, started_at}:
            # More than one where it was started again before we came to look.
            self._positions.started(max(1, starts - self._starts_known))
            self._starts_known = starts
        self._started_at = started_at

    def _look(self, cursor: "psycopg2.extensions.cursor") -> None:
        began = time.monotonic()
        rows = read_rows(cursor, self._positions.last, BATCH)
        for row in rows:
            complaint = self._positions.take(row.position)
            if complaint is not None:
                self._tell(complaint)
            self._recent.append(row.position)
        if len(rows) < BATCH:
            self._positions.saw_all()
        self._call(self._take, rows, began)
        if began > self._count_at and self._recent:
            self._count_at = began + COUNT_SECONDS
            first, last = self._recent[0], self._recent[-1]
            cursor.execute(COUNT, [first, last])
            ((count,),) = cursor.fetchall()
            if count != len(self._recent):
                self._tell(f"{count} rows are visible from {first} to {last}, where {len(self._recent)} were seen")

    def _tell(self, what: str) -> None:
        self._call(self._violations.add, "I2", what)

    def _call(self, call: Callable[..., None], *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)
