"""Outages of PostgreSQL and Redis in the log: one line when one begins and one when it is over, whatever notices it.

Everything that waits for an engine tries again by itself; each attempt would else be a line, in every thread.
"""

import threading
import time
from typing import Any

import structlog
from django.db import Error

from chatserver.storage.errors import hint_for

# An outage is over when nothing has failed for so long: longer than any pause between two attempts.
QUIET_SECONDS = 10.0

logger = structlog.get_logger(__name__)


class Outage:
    """Of one engine, as this process sees it. Safe to use from any thread."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._guard = threading.Lock()
        self._began: float | None = None
        self._failed_at = 0.0
        self._hints: set[str] = set()

    def note(self, error: BaseException, *, by: str) -> None:
        """Something failed, and will be tried again. Logged if it is the first, or if its hint is a new one."""
        hint = hint_for(error) if isinstance(error, Error) else None
        with self._guard:
            self._failed_at = time.monotonic()
            is_first = self._began is None
            is_news = is_first or (hint is not None and hint not in self._hints)
            if is_first:
                self._began = self._failed_at
                threading.Thread(target=self._watch, name=f"{self._engine}_outage", daemon=True).start()
            if hint is not None:
                self._hints.add(hint)
        if is_news:
            facts: dict[str, Any] = {} if hint is None else {"hint": hint}
            logger.warning(f"{self._engine}_away", error=error, by=by, **facts)

    def _watch(self) -> None:
        """Wait for the end of the outage."""
        while not self._is_over():
            time.sleep(max(0.0, self._failed_at + QUIET_SECONDS - time.monotonic()))

    def _is_over(self) -> bool:
        with self._guard:
            if self._began is None or time.monotonic() < self._failed_at + QUIET_SECONDS:
                return False
            seconds = round(self._failed_at - self._began, 1)
            self._began = None
            self._hints.clear()
        logger.info(f"{self._engine}_back", seconds=seconds)
        return True


database_outage = Outage("database")
redis_outage = Outage("redis")
