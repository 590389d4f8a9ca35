"""How long a sequencer rests between two batches, alone and beside those of other processes."""

import threading
import time
from collections import deque
from collections.abc import Callable

# Alone: this many times as long as the batch took, within a limit. An event that comes alone is sequenced at once;
# under load bursts become batches, which cost hardly more than one event.
REST_FACTOR = 3
MAX_REST_SECONDS = 0.02
# In company each batch costs every process: all hear it. So where there were more of them than this in the last second,
# each process rests so long that together they come to one in so many seconds. An event waits for the next batch of
# any of them, not of its own.
BUSY_BATCHES = 25
SHARED_SECONDS = 0.025
# Who is left alone, since the others ended, ends his rest after this. I6 allows an event 1 s.
MAX_SHARED_REST_SECONDS = 0.2
WINDOW_SECONDS = 1.0
# Far more batches than come in a second.
MAX_REMEMBERED = 1_000
OWN = ""


class Pace:
    """What batches there were in the last second, and whose. To be used from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._batches: deque[tuple[float, str]] = deque(maxlen=MAX_REMEMBERED)
        self._guard = threading.Lock()

    def note(self, origin: str = OWN) -> None:
        """A batch was made here, or by another process."""
        with self._guard:
            self._batches.append((self._clock(), origin))

    def rest_seconds(self, seconds: float) -> float:
        """How long to rest behind a run that took this long."""
        with self._guard:
            horizon = self._clock() - WINDOW_SECONDS
            while self._batches and self._batches[0][0] < horizon:
                self._batches.popleft()
            processes = len({OWN, *(origin for _, origin in self._batches)})
            is_busy = len(self._batches) > BUSY_BATCHES
        if processes > 1 and is_busy:
            return min(MAX_SHARED_REST_SECONDS, processes * SHARED_SECONDS)
        return min(MAX_REST_SECONDS, REST_FACTOR * seconds)
