"""Which faults were at work when. Limits on time are strict only where no fault is an excuse."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# What a fault leaves behind, such as a server that waits a second before it asks PostgreSQL again, or a client that has
# yet to come back, is gone after this.
SETTLE_SECONDS = 4.0
# What must not be noticed: Redis may be away at any time (I5), and readers that stall harm nobody else.
NO_EXCUSE = frozenset({"redis", "readers"})
# Only the recent past is asked about.
KEPT = 1_000


@dataclass
class Window:
    """A fault at work. `subject` is what it breaks: redis, postgres, server-0, network, readers, checker."""

    subject: str
    begin: float
    end: float = float("inf")


class FaultWindows:
    """Times are of the monotonic clock."""

    def __init__(self) -> None:
        self._windows: deque[Window] = deque(maxlen=KEPT)

    @contextmanager
    def open(self, subject: str, settle_seconds: float = SETTLE_SECONDS) -> Iterator[None]:
        """The fault lasts as long as the block, and what it leaves behind a while longer."""
        window = Window(subject, time.monotonic())
        self._windows.append(window)
        try:
            yield
        finally:
            window.end = time.monotonic() + settle_seconds

    def add_past(self, subject: str, begin: float) -> None:
        """A fault that is only noticed when it is over."""
        self._windows.append(Window(subject, begin, time.monotonic() + SETTLE_SECONDS))

    def is_clear(self, begin: float, end: float) -> bool:
        """Whether nothing was at work then that would be an excuse."""
        return all(window.subject in NO_EXCUSE for window in self._between(begin, end))

    def had_redis(self, begin: float, end: float) -> bool:
        return all(window.subject != "redis" for window in self._between(begin, end))

    def _between(self, begin: float, end: float) -> list[Window]:
        return [window for window in self._windows if window.begin <= end and begin <= window.end]
