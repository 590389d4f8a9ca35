"""Which faults were at work when. Limits on time are strict in calm weather only."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

# What a fault leaves behind, such as a server that waits a second before it asks PostgreSQL again, or a client that has
# yet to come back, is gone after this.
SETTLE_SECONDS = 4.0
# What must not show: Redis may be away at any time (I5), and readers that stall are nobody's concern but their own.
NO_EXCUSE = frozenset({"redis", "readers"})
# Only the recent past is asked about.
KEPT = 200
FOREVER = float("inf")


class Spell:
    """A fault at work. `subject` is what it breaks: redis, postgres, server-0, network, readers, checker."""

    def __init__(self, subject: str, begin: float) -> None:
        self.subject = subject
        self.begin = begin
        self.end = FOREVER

    @property
    def is_excuse(self) -> bool:
        return self.subject not in NO_EXCUSE


class Weather:
    """Times are of the monotonic clock."""

    def __init__(self) -> None:
        self._spells: deque[Spell] = deque(maxlen=KEPT)

    @contextmanager
    def spell(self, subject: str, settle_seconds: float = SETTLE_SECONDS) -> Iterator[None]:
        """The fault lasts as long as the block, and what it leaves behind a while longer."""
        spell = Spell(subject, time.monotonic())
        self._spells.append(spell)
        try:
            yield
        finally:
            spell.end = time.monotonic() + settle_seconds

    def note(self, subject: str, begin: float) -> None:
        """A spell that is only seen when it is over."""
        spell = Spell(subject, begin)
        spell.end = time.monotonic() + SETTLE_SECONDS
        self._spells.append(spell)

    def is_calm(self, begin: float, end: float) -> bool:
        """Whether nothing was at work then that would be an excuse."""
        return not any(spell.begin <= end and begin <= spell.end for spell in self._spells if spell.is_excuse)

    def has_redis(self, begin: float, end: float) -> bool:
        """Whether Redis was left in peace then."""
        return not any(spell.begin <= end and begin <= spell.end for spell in self._spells if spell.subject == "redis")
