"""The durable reader that deletes old rows from the log.

Invariants:
- Rows are deleted from the log's beginning, without a gap.
- A row that another reader has not handled is kept for UNREAD_DAYS longer. Then it is deleted all the same: a reader
  that is stuck, or no longer in the code, must not make the log grow without a bound.
- events_head.trimmed moves in the same transaction, by a trigger at its commit (events_note_trimmed.sql). So no open
  transaction holds the lock that the sequencer needs.
"""

from itertools import takewhile

import structlog

from chatserver.events import metrics
from chatserver.events.models import Event, ReaderCursor, RowPutAside
from chatserver.events.reader import Reader, database_time
from chatserver.events.rows import Row

# The trigger knows the reader by this name.
TRIM = "trim"
TRIM_POLL_SECONDS = 60.0
TRIM_ROWS = 5_000
UNREAD_DAYS = 14
DAY_SECONDS = 86_400
# Also with CHAT_LOG_DAYS=0: every process reads new rows from the log where a broadcast was lost.
MIN_KEPT_SECONDS = 60

logger = structlog.get_logger(__name__)


def trim_reader(log_days: int) -> Reader:
    """The reader that deletes rows which are older than this."""
    max_seconds = (log_days + UNREAD_DAYS) * DAY_SECONDS

    def delete(rows: list[Row]) -> int:
        cursors = dict(ReaderCursor.objects.exclude(name=TRIM).values_list("name", "position"))
        read, last = min(cursors.values(), default=rows[-1].position), rows[-1].position
        if read < last:
            now = database_time()
            rows = list(takewhile(lambda row: row.position <= read or abs(now - row.at) >= max_seconds, rows))
            _report(cursors, rows, last)
        if not rows:
            return 0
        deleted = (rows[0].position, rows[-1].position)
        Event.objects.filter(position__range=deleted).delete()
        RowPutAside.objects.filter(position__range=deleted).delete()
        return rows[-1].position

    return Reader(
        TRIM,
        delete,
        begins_at_end=False,
        max_rows=TRIM_ROWS,
        reads_bodies=False,
        delay_seconds=max(MIN_KEPT_SECONDS, log_days * DAY_SECONDS),
        poll_seconds=TRIM_POLL_SECONDS,
    )


def _report(cursors: dict[str, int], deleted: list[Row], last: int) -> None:
    """Log which readers keep old rows in the log, and which miss them."""
    for name, position in cursors.items():
        missed = sum(row.position > position for row in deleted)
        if missed:
            metrics.READER_MISSED.labels(name).inc(missed)
            logger.error("reader_missed_rows", reader=name, position=position, rows=missed)
        elif position < last:
            logger.warning("trim_waits", reader=name, position=position)
