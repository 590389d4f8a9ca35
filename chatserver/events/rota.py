"""Whose turn it is to sequence, where several processes are busy at it: they go round, in the order of their origins.

Every process hears every batch, so each batch costs all of them. Processes that each made batches as often as one
alone would spend most of what they have on that; and if each only rested longer, all would rest at the same time.
Nobody agrees on anything here: each process counts the batches that it made and heard of, and their rows, and all count
nearly the same. Where they don't, two are at it at once, or an event waits for a moment longer.
"""

import threading
import time
from collections import deque
from typing import NamedTuple

# With more batches than this in a second, of several processes, turns begin: an event waits for them, and until then
# nobody is the worse for many batches.
BUSY_BATCHES = 60
# Or with so many rows: then a batch takes much along. Turns alone make up to 25 batches, so fewer tell nothing.
BUSY_ROWS = 300
BATCHES_IN_TURNS = 25
# They end when there are no more rows than this. Batches don't tell: turns make them few.
CALM_ROWS = 40
WINDOW_SECONDS = 1.0
# The next one's turn comes this long after a batch. One who has nothing to do lets it pass, and so do those after him,
# each after so much more.
TURN_SECONDS = 0.05
PASS_SECONDS = 0.01
# For the others, who made no batch for so long has no place in the round. For himself he has: he may go with another.
# Ten busy processes go round in this.
ROUND_SECONDS = 0.5
# Only a look forgets, and a process that sequences nothing never looks. Far more batches than come in a second.
MAX_REMEMBERED = 1_000


class Batch(NamedTuple):
    """`at` is a reading of the monotonic clock."""

    at: float
    origin: str
    rows: int


class Rota:
    """The batches of the last second, and whose they were. `origin` is this process's.

    Any thread may note a batch; one thread asks for its turn.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._batches: deque[Batch] = deque(maxlen=MAX_REMEMBERED)
        self._has_turns = False
        self._asked_at = 0.0
        self._guard = threading.Lock()

    def note_batch(self, rows: int, origin: str | None = None) -> None:
        """A batch of so many rows was made: by the process of this origin, or here."""
        with self._guard:
            self._batches.append(Batch(time.monotonic(), self._origin if origin is None else origin, rows))

    def turn_in(self) -> float:
        """Seconds until it is this process's turn; 0 where it is, and where there are no turns."""
        now = time.monotonic()
        with self._guard:
            while self._batches and self._batches[0].at < now - WINDOW_SECONDS:
                self._batches.popleft()
            batches = list(self._batches)
        # Turns that nobody asked about for so long may have ended and begun meanwhile.
        had_turns = self._has_turns and now - self._asked_at <= WINDOW_SECONDS
        self._asked_at = now
        self._has_turns = any(batch.origin != self._origin for batch in batches) and are_due(batches, had_turns)
        if not self._has_turns:
            return 0.0
        last = batches[-1]
        in_round = {batch.origin for batch in batches if batch.at >= now - ROUND_SECONDS}
        order = sorted({*in_round, last.origin, self._origin})
        ahead = (order.index(self._origin) - order.index(last.origin) - 1) % len(order)
        return max(0.0, last.at + TURN_SECONDS + ahead * PASS_SECONDS - now)


def are_due(batches: list[Batch], had_turns: bool) -> bool:
    """Whether a second with these batches is one of turns."""
    rows = sum(batch.rows for batch in batches)
    if had_turns:
        return rows > CALM_ROWS
    return len(batches) > BUSY_BATCHES or (len(batches) > BATCHES_IN_TURNS and rows > BUSY_ROWS)
