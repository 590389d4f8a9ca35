"""Writes entries: one insert before a request is answered. Requests that end at the same time share it.

The change that an entry tells of is committed by then. So where the insert fails, the request is answered all the
same: the entry is in the log of the process, and is written with the next ones.
"""

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from django.db import Error, connection
from django.utils import timezone

from chatserver.audit import metrics
from chatserver.concurrency.batching import ThreadBatcher
from chatserver.events.log import encode
from chatserver.http.caller import Caller

MAX_ENTRIES_AT_ONCE = 100
MAX_DELAYED_ENTRIES = 1_000
INSERT = (
    "INSERT INTO audit_auditentry (at, service_id, key_id, person_id, method, route, targets, status, request_id) "
    "SELECT * FROM unnest(%s::timestamptz[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], "
    "%s::jsonb[], %s::smallint[], %s::text[])"
)
logger = structlog.get_logger(__name__)


class Entry(NamedTuple):
    """A row of AuditEntry. `targets` is JSON text."""

    at: datetime
    service_id: int
    key_id: int
    person_id: int | None
    method: str
    route: str
    targets: str
    status: int
    request_id: str


def entry_of(
    caller: Caller, *, method: str, route: str, status: int, request_id: str, targets: dict[str, int]
) -> Entry:
    """The entry of a request that came with a service key."""
    assert caller.service_id is not None
    key_id = int(caller.credential.partition(":")[2])
    person_id = caller.user_id if caller.is_acting else None
    now = timezone.now()
    return Entry(now, caller.service_id, key_id, person_id, method, route, encode(targets), status, request_id)


def record(entry: Entry) -> None:
    """Write an entry, or keep it for the next call where PostgreSQL does not take it."""
    _batches.call(entry)


_delayed: deque[Entry] = deque(maxlen=MAX_DELAYED_ENTRIES)
_guard = threading.Lock()


def _write(entries: Sequence[Entry]) -> list[None]:
    with _guard:
        waiting = [*_delayed, *entries]
        _delayed.clear()
    try:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [list(column) for column in zip(*waiting, strict=True)])
    except Error as error:
        with _guard:
            _delayed.extend(waiting)
        metrics.AUDIT_DELAYED.inc(len(entries))
        logger.error("audit_delayed", error=error, entries=[_logged(entry) for entry in entries])
    return [None] * len(entries)


def _logged(entry: Entry) -> dict[str, Any]:
    return entry._asdict() | {"at": entry.at.isoformat()}


_batches = ThreadBatcher(_write, MAX_ENTRIES_AT_ONCE)
