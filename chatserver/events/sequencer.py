"""Gives committed outbox rows their positions, in every server process, with no leader.

Invariant I2: positions are given and committed under the lock of the one head row, so they become visible in their
order. A transaction that drew its outbox id first and commits last is simply moved later: no order is taken from ids
except among rows that are committed already.

A server process runs a thread that waits for a wake-up or a poll. A process without the thread (a shell, a command)
sequences what it wrote itself.
"""

import threading
import time
from collections.abc import Callable

import structlog
from django.db import Error, connection

from chatserver.events import metrics
from chatserver.events.rows import COLUMNS, Row
from chatserver.storage.outages import database_outage

SEQUENCE_BATCH = 500
# How long to wait for another process that holds the head row's lock.
HEAD_LOCKED_SECONDS = 0.005
# Batches are kept apart by this many times what the last one here took, whichever process made the last one. Alone, an
# event is sequenced at once; under load bursts become batches, which cost every process hardly more than one event.
PAUSE_FACTOR = 3
MAX_SEQUENCER_PAUSE_SECONDS = 0.02
# While others make batches they take this process's rows along. I6 allows an event 1 s.
MAX_PAUSES_SECONDS = 0.1
# A crash between commit and wake-up leaves rows behind; every process looks for them this often.
SEQUENCER_POLL_SECONDS = 0.5
SEQUENCER_RETRY_SECONDS = 1.0
# Rows that a scan for new ones would pass over (put into the tables by hand, say) wait no longer than this.
FULL_SCAN_SECONDS = 60.0

logger = structlog.get_logger(__name__)

_running: "Sequencer | None" = None


def sequence(limit: int = SEQUENCE_BATCH, *, is_full_scan: bool = False) -> list[Row] | None:
    """Move one batch into the log. Returns its rows, [] where nothing waits, None where another process is sequencing.

    It reads what may be new since the last batch; a full scan reads all that waits (see events_waiting.sql). The rows
    are read after the commit, so that a process that freezes while it reads holds nothing up.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_position, last_position FROM events_sequence(%s, %s)", [limit, is_full_scan])
        first, last = cursor.fetchone()
        if first is None:
            return None
        if last < first:
            return []
        cursor.execute(
            f"SELECT {COLUMNS} FROM events_event WHERE position BETWEEN %s AND %s ORDER BY position",  # noqa: S608 - constants
            [first, last],
        )
        return [Row(*fields) for fields in cursor.fetchall()]


def has_work() -> bool:
    """Whether rows wait. Takes no lock and writes nothing, for the poll."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(ids) > 0 FROM events_waiting(1)")
        return bool(cursor.fetchone()[0])


def wake() -> None:
    """Sequence now. In a server process this only wakes the thread; elsewhere it sequences until nothing waits."""
    if _running is not None:
        _running.wake_up()
        return
    # Where another process sequences (None), that one or its poll takes these rows along.
    while sequence():
        pass


class Sequencer(threading.Thread):
    """The loop of a server process: drain until empty, then wait for a wake-up or a poll.

    `publish` is called in this thread with each batch, in order.
    """

    def __init__(self, publish: Callable[[list[Row]], None]) -> None:
        super().__init__(name="sequencer", daemon=True)
        self._publish = publish
        self._wake = threading.Event()
        self._is_stopping = False
        self._last_batch_at = 0.0
        self._pause_seconds = 0.0
        self._full_scan_at = time.monotonic() + FULL_SCAN_SECONDS

    def start(self) -> None:
        global _running
        super().start()
        _running = self

    def wake_up(self) -> None:
        """Sequence what waits. From any thread."""
        self._wake.set()

    def note_batch(self) -> None:
        """Another process has made a batch just now. From any thread."""
        self._last_batch_at = time.monotonic()

    def stop(self, seconds: float = 5.0) -> None:
        global _running
        _running = None
        self._is_stopping = True
        self._wake.set()
        self.join(seconds)

    def run(self) -> None:
        while not self._is_stopping:
            try:
                was_woken = self._wake.wait(SEQUENCER_POLL_SECONDS)
                is_full_scan = time.monotonic() >= self._full_scan_at
                if was_woken or is_full_scan or has_work():
                    self._keep_apart()
                    self._wake.clear()
                    began = time.monotonic()
                    self._drain(is_full_scan=is_full_scan)
                    self._last_batch_at = time.monotonic()
                    self._pause_seconds = min(MAX_SEQUENCER_PAUSE_SECONDS, PAUSE_FACTOR * (self._last_batch_at - began))
            except Error as error:  # PostgreSQL is away or restarting: wait, and try for as long as it takes
                database_outage.note(error, by="sequencer")
                self._wait_after_error()
            except Exception:  # without this thread the process would go on, and deliver nothing
                logger.exception("sequencer_broke")
                self._wait_after_error()
        connection.close()

    def _keep_apart(self) -> None:
        """Wait until the pause after the last batch is over, within a limit."""
        limit = time.monotonic() + MAX_PAUSES_SECONDS
        while not self._is_stopping:
            seconds = min(self._last_batch_at + self._pause_seconds, limit) - time.monotonic()
            if seconds <= 0:
                return
            time.sleep(seconds)

    def _wait_after_error(self) -> None:
        connection.close()
        time.sleep(SEQUENCER_RETRY_SECONDS)

    def _drain(self, *, is_full_scan: bool) -> None:
        while not self._is_stopping:
            began = time.perf_counter()
            rows = sequence(is_full_scan=is_full_scan)
            if rows is not None and is_full_scan:
                is_full_scan = False
                self._full_scan_at = time.monotonic() + FULL_SCAN_SECONDS
            if rows is None:
                # Another process sequences, and may have read the outbox just before our row was committed. The wake-up
                # is not waited for: under load it is set all the time.
                time.sleep(HEAD_LOCKED_SECONDS)
                if not has_work():
                    return
            elif rows:
                metrics.SEQUENCED.inc(len(rows))
                metrics.SEQUENCE_SECONDS.observe(time.perf_counter() - began)
                metrics.LOG_LAG.observe(max(0.0, time.time() - rows[0].at))
                self._publish(rows)
                if len(rows) < SEQUENCE_BATCH:
                    return
            else:
                return
