"""Ends queries that PostgreSQL does not answer in time.

A frozen server counts no time-out of its own, and TCP's do not help: its kernel still answers, and a socket of Unix has
none. So a thread here looks at what is under way, and shuts the sockets of what is late; the query fails as if the
server had gone. In server processes only: commands, such as migrate, take as long as they need.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

QUERY_SECONDS = 20.0
DEADLINE_CHECK_SECONDS = 0.25

logger = structlog.get_logger(__name__)


class Deadlines:
    """What is under way in this process: a key for each query -> when it is late, and its socket's descriptor."""

    def __init__(self) -> None:
        self._due: dict[object, tuple[float, int]] = {}
        # A descriptor is shut under this lock, and its query ends under it: later it may be another socket's.
        self._guard = threading.Lock()
        self._is_on = False

    def start(self) -> None:
        """Look from now on, until the process ends."""
        if not self._is_on:
            self._is_on = True
            threading.Thread(target=self._look_forever, name="query_deadlines", daemon=True).start()

    def begin(self, seconds: float, connection: Any) -> object | None:
        """A query of this psycopg2 connection begins. Returns what end() needs."""
        if not self._is_on or connection is None or connection.closed:
            return None
        key = object()
        self._due[key] = (time.monotonic() + seconds, connection.fileno())
        return key

    def end(self, key: object | None) -> None:
        """The query has ended, or failed."""
        if key is not None:
            with self._guard:
                del self._due[key]

    def _look_forever(self) -> None:
        while True:
            time.sleep(DEADLINE_CHECK_SECONDS)
            self.shut_late()

    def shut_late(self) -> None:
        """Shut the sockets of the queries that are late now."""
        now = time.monotonic()
        for key, (due, _) in list(self._due.items()):
            with self._guard:
                if due < now and key in self._due:
                    _shut(self._due[key][1])
                    self._due[key] = (now + QUERY_SECONDS, self._due[key][1])


def _shut(descriptor: int) -> None:
    logger.warning("query_too_late")
    with socket.socket(fileno=os.dup(descriptor)) as late:
        late.shutdown(socket.SHUT_RDWR)


deadlines = Deadlines()


@contextmanager
def answering_within(seconds: float, connection: Any) -> Iterator[None]:
    """For queries of this Django connection whose callers do not wait for longer."""
    connection.query_seconds = seconds
    try:
        yield
    finally:
        connection.query_seconds = QUERY_SECONDS
