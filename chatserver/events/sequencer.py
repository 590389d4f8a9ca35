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

BATCH = 500
BUSY_SECONDS = 0.005
# After a run it rests this many times as long as the run took. Alone, an event is sequenced at once; under load bursts
# become batches, which cost hardly more than one event.
REST_FACTOR = 3
MAX_REST_SECONDS = 0.02
# A crash between commit and wake-up leaves rows behind; every process looks for them this often.
POLL_SECONDS = 0.5
ERROR_SECONDS = 1.0
# What a look at the new rows alone would pass over (nobody knows how: a hand in the tables) waits no longer than this.
LOOK_SECONDS = 60.0

logger = structlog.get_logger(__name__)

_running: "Sequencer | None" = None


def sequence(limit: int = BATCH, *, is_thorough: bool = False) -> list[Row] | None:
    """Move one batch into the log. Returns its rows, [] where nothing waits, None where another process is at it.

    It looks at what may be new since the last batch; a thorough one at all that waits (see events_waiting.sql). The
    rows are read after the commit, so that a process that freezes while it reads holds nothing up.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_position, last_position FROM events_sequence(%s, %s)", [limit, is_thorough])
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
    """Whether rows wait. Looks without a lock and writes nothing, for the poll."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(ids) > 0 FROM events_waiting(1)")
        return bool(cursor.fetchone()[0])


def wake() -> None:
    """Sequence now. In a server process this only rings; elsewhere it does the work, until nothing waits."""
    if _running is not None:
        _running.ring()
        return
    # Where another process is at it (None), that one or its poll takes ours along.
    while sequence():
        pass


class Sequencer(threading.Thread):
    """The loop of a server process: drain until empty, then wait for a wake-up or a poll.

    `publish` is called in this thread with each batch, in order.
    """

    def __init__(self, publish: Callable[[list[Row]], None]) -> None:
        super().__init__(name="sequencer", daemon=True)
        self._publish = publish
        self._bell = threading.Event()
        self._is_stopping = False
        self._look_at = time.monotonic() + LOOK_SECONDS

    def start(self) -> None:
        global _running
        super().start()
        _running = self

    def ring(self) -> None:
        self._bell.set()

    def stop(self, seconds: float = 5.0) -> None:
        global _running
        _running = None
        self._is_stopping = True
        self._bell.set()
        self.join(seconds)

    def run(self) -> None:
        while not self._is_stopping:
            try:
                was_rung = self._bell.wait(POLL_SECONDS)
                is_thorough = time.monotonic() >= self._look_at
                if was_rung or is_thorough or has_work():
                    self._bell.clear()
                    began = time.monotonic()
                    self._drain(is_thorough=is_thorough)
                    time.sleep(min(MAX_REST_SECONDS, REST_FACTOR * (time.monotonic() - began)))
            except Error as error:  # PostgreSQL is away or restarting: wait, and try for as long as it takes
                logger.warning("sequencer_waits", error=str(error).strip())
                self._wait_after_error()
            except Exception:  # without this thread the process would go on, and tell nobody anything
                logger.exception("sequencer_broke")
                self._wait_after_error()
        connection.close()

    def _wait_after_error(self) -> None:
        connection.close()
        time.sleep(ERROR_SECONDS)

    def _drain(self, *, is_thorough: bool) -> None:
        while not self._is_stopping:
            began = time.perf_counter()
            rows = sequence(is_thorough=is_thorough)
            if rows is not None and is_thorough:
                is_thorough = False
                self._look_at = time.monotonic() + LOOK_SECONDS
            if rows is None:
                # Another process is at it, and it may have read the outbox just before our row was committed. Not woken
                # by the bell: under load it rings all the time.
                time.sleep(BUSY_SECONDS)
                if not has_work():
                    return
            elif rows:
                metrics.SEQUENCED.inc(len(rows))
                metrics.SEQUENCE_SECONDS.observe(time.perf_counter() - began)
                metrics.LOG_LAG.observe(max(0.0, time.time() - rows[0].at))
                self._publish(rows)
                if len(rows) < BATCH:
                    return
            else:
                return
