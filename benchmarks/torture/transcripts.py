"""What a client was sent on one opened stream, or by one poll of the log."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple

EVENT, HEARTBEAT, RESET, BYE = "event", "heartbeat", "reset", "bye"


class Entry(NamedTuple):
    """`digest` is of the `data:` line of an event; `reason` that of a reset or a bye."""

    kind: str
    position: int
    at: float
    digest: int = 0
    reason: str = ""


@dataclass(eq=False)
class Transcript:
    """Times are of the monotonic clock. `last` is the last id that the client sent along, if it sent any."""

    client: str
    user_id: int
    server: int
    credential: str
    last: int | None
    # Up to here the log was visible when the client asked, and so many promotions there had been.
    floor: int
    promotions: int = 0
    asked_at: float = field(default_factory=time.monotonic)
    # Of its hello; None until that came.
    start: int | None = None
    is_resumed: bool = False
    hello_at: float = 0.0
    # What the client would send back as its last id.
    upto: int = 0
    entries: list[Entry] = field(default_factory=list)
    # The newest message that the client has had since this is not late: it did not read, or its network was slow.
    stalled_until: float = 0.0
    must_end_at: float | None = None
    ended_at: float | None = None

    def begin(self, position: int, *, is_resumed: bool) -> None:
        """The hello came: what follows counts from this position on."""
        self.start = self.upto = position
        self.is_resumed = is_resumed
        self.hello_at = time.monotonic()

    def add(self, kind: str, position: int, *, digest: int = 0, reason: str = "") -> None:
        self.entries.append(Entry(kind, position, time.monotonic(), digest, reason))
        if kind in {EVENT, HEARTBEAT}:
            self.upto = max(self.upto, position)

    def end(self) -> None:
        if self.ended_at is None:
            self.ended_at = time.monotonic()

    def __str__(self) -> str:
        how = f"from {self.last}" if self.is_resumed else "fresh"
        return f"{self.client} on server {self.server} ({how}, up to {self.upto})"
