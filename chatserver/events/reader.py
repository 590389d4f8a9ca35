"""Durable readers of the log. Each has a name, a cursor in PostgreSQL, and a handler for the rows after the cursor.

Invariants:
- The handler runs inside the transaction that locks the cursor and moves it. So what it writes to PostgreSQL happens
  exactly once for each row, whatever is killed or restarted; what it does elsewhere happens at least once.
- The lock is a lease: one process at a time runs a reader, and a process that dies loses it with its connection.
- Once a position is visible, no smaller one appears (I2), so the cursor skips no row. After PostgreSQL lost commits (a
  failover, a restore), new positions are above all lost ones, so a cursor that is ahead of the log misses nothing.
- A row that can't be handled holds a reader up for about 15 s. Then it is put aside, to be retried in the admin.
No lock of the log or of a room is held while a handler runs, unless the handler takes it.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import structlog
from django.db import connection, transaction

from chatserver.events import metrics, reader_cursor
from chatserver.events.models import ReaderCursor, RowPutAside
from chatserver.events.reader_cursor import RowFailure
from chatserver.events.rows import COLUMNS, COLUMNS_WITHOUT_BODY, Row

READER_POLL_SECONDS = 1.0
MAX_READ_BYTES = 1024 * 1024
MAX_RETRIES_AT_ONCE = 10
MAX_ERROR_LENGTH = 1_000
READ_BODIES = f"""
SELECT {COLUMNS} FROM (
    SELECT *, sum(octet_length(body)) OVER (ORDER BY position) - octet_length(body) AS bytes_before
    FROM (SELECT * FROM events_event WHERE position > %s ORDER BY position LIMIT %s) candidate
) candidate WHERE bytes_before < {MAX_READ_BYTES} ORDER BY position
"""  # noqa: S608 - constants
READ_WITHOUT_BODIES = f"SELECT {COLUMNS_WITHOUT_BODY} FROM events_event WHERE position > %s ORDER BY position LIMIT %s"  # noqa: S608 - constants

logger = structlog.get_logger(__name__)


@dataclass
class Reader:
    """A reader of the log in one process.

    `handle(rows)` gets rows of every kind, in order, up to `max_rows` of them and about 1 MB. It returns None if it has
    handled them all, else the position of the last one that it has handled (any lower number for none): it is given
    the others again at the next wake-up or poll. A handler that needs an external system returns early while that is
    away. It raises for a row that it can't handle: then its writes are undone, and the rows are given to it one by one.
    PostgreSQL ends a transaction that is idle for 30 s, so one call must not wait longer than that without a query.

    With `delay_seconds` only rows of at least that age are handled, and wake-ups are ignored; so they are while
    `is_urgent()` is false: rows are handled at the next poll, many together.
    """

    name: str
    handle: Callable[[list[Row]], int | None]
    begins_at_end: bool = True
    max_rows: int = 500
    reads_bodies: bool = True
    delay_seconds: float = 0.0
    poll_seconds: float = READER_POLL_SECONDS
    is_urgent: Callable[[], bool] = lambda: True
    # After a call that lost the database connection, and the lease with it: rows up to `_single_until` are handled one
    # by one, to find the row that causes it; `_lost` is the failure of that row.
    _single_until: int = field(default=0, init=False)
    _lost: RowFailure | None = field(default=None, init=False)

    def has_work(self) -> bool:
        """Whether a row is due. Takes no lock. Also sets the metric of the reader's lag."""
        backlog = reader_cursor.look(self.name)
        if backlog is None:
            reader_cursor.register(self.name, at_end=self.begins_at_end)
            backlog = reader_cursor.look(self.name)
            assert backlog is not None
        is_due = backlog.age_seconds is not None and self._is_due(backlog.age_seconds)
        lag = max(0.0, backlog.age_seconds - self.delay_seconds) if is_due and backlog.age_seconds else 0.0
        metrics.READER_LAG.labels(self.name).set(lag)
        return not backlog.is_in_backoff and (is_due or backlog.has_retries)

    def work(self) -> bool:
        """Handle one batch. True if the next one can be handled at once.

        False where nothing is due, another process has the lease, or the handler did not come to the batch's end.
        """
        with transaction.atomic():
            cursor = reader_cursor.lease(self.name)
            if cursor is None:
                return False
            self._retry_rows_put_aside()
            rows = self._read(cursor)
            if not rows:
                return False
            position, failure = self._advance(rows, cursor.position)
            if failure is not None:
                return reader_cursor.note_failure(cursor, position, failure)
            reader_cursor.move(cursor, position)
            return position == rows[-1].position

    def _is_due(self, age_seconds: float) -> bool:
        # A row dated further ahead than the delay was written before the clock was set back; it must not hold others up
        return abs(age_seconds) >= self.delay_seconds

    def _read(self, cursor: ReaderCursor) -> list[Row]:
        is_single = cursor.failing is not None or cursor.position < self._single_until
        rows = self._rows_after(cursor.position, 1 if is_single else self.max_rows)
        if self.delay_seconds:
            now = database_time()
            rows = list(takewhile(lambda row: self._is_due(now - row.at), rows))
        return rows

    def _rows_after(self, position: int, limit: int) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(READ_BODIES if self.reads_bodies else READ_WITHOUT_BODIES, [position, limit])
            return [Row(*fields) for fields in cursor.fetchall()]

    def _advance(self, rows: list[Row], position: int) -> tuple[int, RowFailure | None]:
        """Handle as many of the rows as possible: the position that was reached, and how the next row failed."""
        try:
            return max(position, self._call(rows)), None
        except RowFailure as failure:
            if len(rows) == 1:
                return position, failure
        for row in rows:
            position, failed = self._advance([row], position)
            if failed is not None or position < row.position:
                return position, failed
        return position, None

    def _call(self, rows: list[Row]) -> int:
        """Call the handler in a savepoint. Returns the position that it reached; RowFailure if it raised."""
        first, last = rows[0].position, rows[-1].position
        if self._lost is not None and self._lost.position == first == last:
            failure, self._lost = self._lost, None
            raise failure
        try:
            with transaction.atomic():
                reached = self.handle(rows)
        except Exception as error:
            failure = RowFailure(first, describe(error))
            if connection.is_usable():
                logger.exception("reader_handler_failed", reader=self.name, first=first, last=last)
                raise failure from error
            if len(rows) == 1:
                self._lost = failure
            else:
                self._single_until = last
            raise
        return last if reached is None else min(reached, last)

    def _retry_rows_put_aside(self) -> None:
        asked = RowPutAside.objects.filter(reader=self.name, is_to_be_retried=True).order_by("position")
        for row_put_aside in asked[:MAX_RETRIES_AT_ONCE]:
            rows = self._rows_after(row_put_aside.position - 1, 1)
            try:
                if rows and rows[0].position == row_put_aside.position and self._call(rows) < rows[0].position:
                    continue
                row_put_aside.delete()
            except RowFailure as failure:
                row_put_aside.attempts += 1
                row_put_aside.error = failure.error
                row_put_aside.is_to_be_retried = False
                row_put_aside.save()


def describe(error: Exception) -> str:
    """What was raised, and where, innermost first. Without its message, which may quote a text that is deleted."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return " < ".join([type(error).__name__, *places])[:MAX_ERROR_LENGTH]


def database_time() -> float:
    """Now by PostgreSQL's clock, which dates the rows: in seconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM statement_timestamp())::float8")
        return float(cursor.fetchone()[0])
