"""Reads that may go to the replica, if it knows all that the primary knew when they were asked for.

So nobody finds less there than he was told, whoever told him and whichever process he asks: not his own message, not
one that the stream has brought. And nobody finds more than he may see: a text that was removed, a right that has ended.
The proof is asked for anew each time and kept nowhere:

- The primary tells how far its WAL is on disk: what anybody can have seen committed lies before that. The replica must
  have replayed that much. Where nobody writes, that may take long, since a WAL on disk can end amid a record. So it
  is as good if no transaction that the primary had begun by then is open there any more.
- It must have replayed that from this very primary. After a failover, one that follows the dead primary still may be
  further on, in another history. So the head of the log that it has must have been written by the server that we
  asked (see migration 0004 of the events).
- What is read is read by later statements of the same transaction. Not by the same statement: that would look at the
  rows as they were before it asked how far the replica is. And not in another transaction: a pooler may give it to
  another replica.

A replica that is behind is waited for shortly; one that stays behind, is slow or away, is left alone for a while. Then
reads go to the primary, as they do where there is no replica.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, TypeVar

import structlog
from django.conf import settings
from django.db import Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from chatserver.concurrency.batching import Joiner
from chatserver.http.metrics import REPLICA_READS
from chatserver.replica.limit import Limit
from chatserver.replica.rest import Rest
from chatserver.replica.router import REPLICA, on_replica

# With synchronous_commit off, others see what is not on disk yet.
MOMENT = (
    "SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() "
    "ELSE pg_current_wal_flush_lsn() END, pg_snapshot_xmax(pg_current_snapshot())::text, pg_postmaster_start_time()"
)
KNOWS = (
    "SELECT (pg_last_wal_replay_lsn() >= %s::pg_lsn OR pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8) "
    "AND EXISTS (SELECT 1 FROM events_head WHERE id = 1 AND server_started_at = %s)"
)
MAX_JOINED = 100
# A write is on its way to a healthy replica for a few milliseconds.
CATCH_UP_SECONDS = 0.02
LOOK_SECONDS = 0.002
# A page takes some milliseconds.
SLOW_SECONDS = 1.0
BEHIND_SECONDS = 0.05
AWAY_SECONDS = 3.0
# A connection that fails may take this long, and more for each further host of the URL.
TRY_SECONDS = 10.0

Found = TypeVar("Found")
logger = structlog.get_logger(__name__)


class Moment(NamedTuple):
    """Where a primary's WAL ended on disk, the end of what had been written at all, and that server's start."""

    lsn: str
    next_xid: str
    server_started_at: datetime


def read(query: Callable[[], Found]) -> Found:
    """What the query finds, on the replica or on the primary. It must fetch all it needs, and may be called twice."""
    if REPLICA not in settings.DATABASES:
        return query()
    if not _rest.may_ask():
        REPLICA_READS.labels("resting").inc()
        return query()
    moment = _moments.ask(None)
    replica = connections[REPLICA]
    try:
        replica.close_if_health_check_failed()
        replica.ensure_connection()
        with _limit.on(replica), _one_transaction(replica):
            if _catches_up(moment):
                _rest.end()
                with on_replica():
                    found = query()
                REPLICA_READS.labels("served").inc()
                return found
        _rest.begin(BEHIND_SECONDS)
        REPLICA_READS.labels("behind").inc()
    except Error as error:  # also where the query is at fault: then it fails on the primary, too
        _rest.begin(AWAY_SECONDS)
        REPLICA_READS.labels("away").inc()
        logger.warning("replica_away", error=str(error).strip())
        replica.close()
    return query()


@contextmanager
def _one_transaction(replica: BaseDatabaseWrapper) -> Iterator[None]:
    """Django's atomic() would connect anew to a server that has just failed, only to end the transaction."""
    replica.set_autocommit(False)
    try:
        yield
    except Error:
        replica.close()
        raise
    finally:
        if replica.connection is not None:
            replica.rollback()
            replica.set_autocommit(True)


def _catches_up(moment: Moment) -> bool:
    """Whether the replica knows what the primary knew at this moment, or will shortly."""
    end = time.monotonic() + CATCH_UP_SECONDS
    with connections[REPLICA].cursor() as cursor:
        while True:
            cursor.execute(KNOWS, moment)
            if cursor.fetchone()[0]:
                return True
            if time.monotonic() > end:
                return False
            time.sleep(LOOK_SECONDS)


def _ask_moments(asked: Sequence[None]) -> list[Moment]:
    """The same moment for all that ask at the same time."""
    with connection.cursor() as cursor:
        cursor.execute(MOMENT)
        moment = Moment(*cursor.fetchone())
    return [moment] * len(asked)


_moments = Joiner(_ask_moments, MAX_JOINED)
_limit = Limit(SLOW_SECONDS)
_rest = Rest(TRY_SECONDS)
