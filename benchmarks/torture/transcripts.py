"""One opened stream, or one poll of the log, as its client saw it."""

import time
from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Arrival:
    position: int
    digest: int
    at: float


@dataclass(slots=True)
class Visit:
    """Times are of the monotonic clock. `upto` is the last id that the client would send back."""

    reader: str
    server: int
    credential: str
    last: int | None
    floor: int
    # How many promotions there had been when it asked.
    promotions: int = 0
    start: int | None = None
    is_fresh: bool = True
    # It came with a last id and was told to fetch afresh; the word that says why has yet to come.
    is_reset: bool = False
    is_reset_due: bool = False
    hello_at: float = 0.0
    ceiling: int | None = None
    upto: int = 0
    # The newest message that the client has had since this is not late: it did not read, or its network was slow.
    stalled_until: float = 0.0
    must_end_at: float | None = None
    ended_at: float | None = None
    arrivals: deque[Arrival] = field(default_factory=deque)
    is_settled: bool = False
    revoked_behind: int | None = None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    def begin(self, position: int, *, is_fresh: bool) -> None:
        """hello or reset: what follows counts from this position on."""
        self.start = self.upto = position
        self.is_fresh = is_fresh
        self.hello_at = time.monotonic()
        if is_fresh:
            # The position is the standing's own, so there is nothing open about it.
            self.floor = self.ceiling = position

    def end(self) -> None:
        if self.ended_at is None:
            self.ended_at = time.monotonic()

    def __str__(self) -> str:
        came = "fresh" if self.is_fresh else f"from {self.last}"
        return f"{self.reader} on server {self.server} ({came}, up to {self.upto})"
