"""The cursor of a durable reader, its row in events_reader; and what happens to a row of the log that fails."""

from datetime import timedelta
from typing import NamedTuple

import structlog
from django.db import connection
from django.db.models.functions import Now

from chatserver.events import log, metrics
from chatserver.events.models import ReaderCursor, RowPutAside

# Attempts at a row, with 1, 2, 4 and 8 s between them; then it is put aside.
MAX_ATTEMPTS = 5
MAX_BACKOFF_SECONDS = 2 ** (MAX_ATTEMPTS - 2)
# A retry_at further ahead than the longest backoff was written before the clock was set back.
BACKOFF = (
    "coalesce(retry_at BETWEEN statement_timestamp() AND statement_timestamp() + make_interval(secs => %s), false)"
)
LOOK = f"""
SELECT {BACKOFF}, EXISTS (SELECT 1 FROM events_row_put_aside WHERE reader = name AND is_to_be_retried), (
    SELECT extract(epoch FROM statement_timestamp() - at)::float8
    FROM events_event e WHERE e.position > r.position ORDER BY e.position LIMIT 1
) FROM events_reader r WHERE name = %s
"""  # noqa: S608 - constants
LEASE = f"SELECT * FROM events_reader WHERE name = %s AND NOT {BACKOFF} FOR UPDATE SKIP LOCKED"  # noqa: S608 - a constant

logger = structlog.get_logger(__name__)


class Backlog(NamedTuple):
    """What waits for a reader. `age_seconds` is that of the oldest row after the cursor, or None."""

    is_in_backoff: bool
    has_retries: bool
    age_seconds: float | None


class RowFailure(Exception):
    """The handler raised. `error` says what and where, without the exception's text, which may quote a message."""

    def __init__(self, position: int, error: str) -> None:
        super().__init__(error)
        self.position = position
        self.error = error


def register(name: str, *, at_end: bool) -> None:
    """Make the cursor of a new reader, at the end of the log or at its beginning."""
    position = log.position() if at_end else 0
    ReaderCursor.objects.bulk_create([ReaderCursor(name=name, position=position)], ignore_conflicts=True)


def look(name: str) -> Backlog | None:
    """What waits, seen without a lock. None for a reader that has no cursor yet."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [MAX_BACKOFF_SECONDS, name])
        found = cursor.fetchone()
    return None if found is None else Backlog(*found)


def lease(name: str) -> ReaderCursor | None:
    """Lock the cursor until the transaction ends. None while another process has it, or a row waits to be retried."""
    return next(iter(ReaderCursor.objects.raw(LEASE, [name, MAX_BACKOFF_SECONDS])), None)


def move(cursor: ReaderCursor, position: int) -> None:
    """Note that the rows up to this position are done."""
    if position > cursor.position or cursor.failing is not None:
        _update(cursor, position=position, failing=None, attempts=0, retry_at=None)


def note_failure(cursor: ReaderCursor, position: int, failure: RowFailure) -> bool:
    """Note that the rows up to this position are done and that the next one failed. True if that one was put aside."""
    attempts = cursor.attempts + 1 if cursor.failing == failure.position else 1
    if attempts < MAX_ATTEMPTS:
        retry_at = Now() + timedelta(seconds=2 ** (attempts - 1))
        _update(cursor, position=position, failing=failure.position, attempts=attempts, retry_at=retry_at)
        return False
    RowPutAside.objects.update_or_create(
        reader=cursor.name, position=failure.position, defaults={"error": failure.error, "attempts": attempts}
    )
    _update(cursor, position=failure.position, failing=None, attempts=0, retry_at=None)
    metrics.READER_POISONED.labels(cursor.name).inc()
    logger.error("reader_put_row_aside", reader=cursor.name, position=failure.position, error=failure.error)
    return True


def ask_for_retry(row: RowPutAside) -> None:
    """Have the reader handle the row once more, at its next poll."""
    RowPutAside.objects.filter(pk=row.pk).update(is_to_be_retried=True)


def _update(cursor: ReaderCursor, **values: object) -> None:
    ReaderCursor.objects.filter(name=cursor.name).update(updated_at=Now(), **values)
