"""A limit on how long a connection may be waited for.

libpq waits for an answer as long as it takes, and a server that froze keeps its connections open. So a thread of ours
looks at those that are being waited for, and cuts off what took too long: the call there fails at once.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db.backends.base.base import BaseDatabaseWrapper

LOOK_SECONDS = 0.1


class Limit:
    """`with limit.on(connection):` what goes on there ends with a database error after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._waited_for: dict[socket.socket, float] = {}
        self._bell = threading.Event()
        self._watch: threading.Thread | None = None

    @contextmanager
    def on(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        # A descriptor of our own: Django may close its one in between, and its number may become another file's.
        duplicate = socket.socket(fileno=os.dup(connection.connection.fileno()))
        with self._guard:
            self._waited_for[duplicate] = time.monotonic() + self._seconds
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, name="limit", daemon=True)
                self._watch.start()
        self._bell.set()
        try:
            yield
        finally:
            with self._guard:
                del self._waited_for[duplicate]
            duplicate.close()

    def _look(self) -> None:
        while True:
            self._bell.wait()
            time.sleep(LOOK_SECONDS)
            with self._guard:
                for waited_for, end in self._waited_for.items():
                    if time.monotonic() > end:
                        with suppress(OSError):  # the server has ended it meanwhile
                            waited_for.shutdown(socket.SHUT_RDWR)
                if not self._waited_for:
                    self._bell.clear()
