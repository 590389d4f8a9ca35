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
# They end when there are no more than this. That is fewer than they make in a second: else they would end themselves.
CALM_BATCHES = 20
WINDOW_SECONDS = 1.0
# The next one's turn comes this long after a batch. One who has nothing to do lets it pass, and so do those after him,
# each after so much more.
TURN_SECONDS = 0.035
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
        self._batches: deque[tuple[float, str]] = deque(maxlen=MAX_REMEMBERED)
        self._has_turns = False
        self._guard = threading.Lock()

    def note_batch(self, origin: str | None = None) -> None:
        """A batch was made: by the process of this origin, or here."""
        with self._guard:
            self._batches.append((time.monotonic(), origin or self._origin))

    def turn_in(self) -> float:
        """Seconds until it is this process's turn; 0 where it is, and where there are no turns."""
        now = time.monotonic()
        with self._guard:
            while self._batches and self._batches[0][0] < now - WINDOW_SECONDS:
                self._batches.popleft()
            batches = list(self._batches)
        has_company = any(origin != self._origin for _, origin in batches)
        self._has_turns = has_company and len(batches) > (CALM_BATCHES if self._has_turns else BUSY_BATCHES)
        if not self._has_turns:
            return 0.0
        last_at, last = batches[-1]
        in_round = {origin for at, origin in batches if at >= now - ROUND_SECONDS}
        order = sorted({*in_round, last, self._origin})
        ahead = (order.index(self._origin) - order.index(last) - 1) % len(order)
        return max(0.0, last_at + TURN_SECONDS + ahead * PASS_SECONDS - now)
