"""Whose turn it is to sequence, where several processes are busy at it: they go round, in the order of their origins.

Every process hears every batch, so each batch costs all of them. Processes that each made batches as often as one
alone would spend most of what they have on that; and if each only rested longer, all would rest at the same time.
Nobody agrees on anything here: each process counts the batches that it made and heard of, and all count nearly the
same. Where they don't, two are at it at once, or an event waits for a moment longer.
"""

import threading
import time
from collections import deque

# With more batches than this in a second, of several processes, turns begin: an event waits for them, and until then
# nobody is the worse for many batches.
BUSY_BATCHES = 60
# Or with so many rows in more batches than processes make in turns: then much is there to be shared out at once.
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
ROUND_SECONDS = 0.25
# Only a look forgets, and a process that sequences nothing never looks. Far more batches than come in a second.
MAX_REMEMBERED = 1_000


class Rota:
    """The batches of the last second, and whose they were. `origin` is this process's.

    Any thread may note a batch; one thread asks for its turn.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._batches: deque[tuple[float, str, int]] = deque(maxlen=MAX_REMEMBERED)
        self._has_turns = False
        self._guard = threading.Lock()

    def note_batch(self, rows: int, origin: str | None = None) -> None:
        """A batch of so many rows was made: by the process of this origin, or here."""
        with self._guard:
            self._batches.append((time.monotonic(), origin or self._origin, rows))

    def turn_in(self) -> float:
        """Seconds until it is this process's turn; 0 where it is, and where there are no turns."""
        now = time.monotonic()
        with self._guard:
            while self._batches and self._batches[0][0] < now - WINDOW_SECONDS:
                self._batches.popleft()
            batches = list(self._batches)
        has_company = any(origin != self._origin for _, origin, _ in batches)
        self._has_turns = has_company and self._are_due(len(batches), sum(rows for _, _, rows in batches))
        if not self._has_turns:
            return 0.0
        last_at, last, _ = batches[-1]
        in_round = {origin for at, origin, _ in batches if at >= now - ROUND_SECONDS}
        order = sorted({*in_round, last, self._origin})
        ahead = (order.index(self._origin) - order.index(last) - 1) % len(order)
        return max(0.0, last_at + TURN_SECONDS + ahead * PASS_SECONDS - now)

    def _are_due(self, batches: int, rows: int) -> bool:
        if self._has_turns:
            return rows > CALM_ROWS
        return batches > BUSY_BATCHES or (batches > BATCHES_IN_TURNS and rows > BUSY_ROWS)
