"""How many lanes of an endpoint this process sends at a time.

An endpoint that answers gets more, up to MAX_LANES. One whose request takes longer than SLOW_SECONDS counts as slow:
the slow ones share a budget of their own, so the others wait for them no longer than that. After a time-out an endpoint
gets one lane, until it answers.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

FIRST_LANES = 4
MAX_LANES = 16
MAX_QUICK_LANES = 100
MAX_SLOW_LANES = 200
SLOW_SECONDS = 1.0


@dataclass
class _Use:
    allowed: int = FIRST_LANES
    active: int = 0
    is_slow: bool = False


class LaneLimits:
    """Safe to use from any thread. Endpoints are named by their ids."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._uses: dict[int, _Use] = {}

    def share(self, endpoint_ids: Iterable[int]) -> dict[int, int]:
        """How many lanes more each of these may have now; those that may have none are left out."""
        with self._guard:
            budget = {False: MAX_QUICK_LANES, True: MAX_SLOW_LANES}
            for use in self._uses.values():
                budget[use.is_slow] -= use.active
            shares = {}
            for endpoint_id in endpoint_ids:
                use = self._uses.get(endpoint_id, _Use())
                free = min(use.allowed - use.active, budget[use.is_slow])
                if free > 0:
                    shares[endpoint_id] = free
                    budget[use.is_slow] -= free
            return shares

    def take(self, endpoint_id: int) -> None:
        """A lane of the endpoint is being sent."""
        with self._guard:
            self._uses.setdefault(endpoint_id, _Use()).active += 1

    def give_back(self, endpoint_id: int) -> None:
        """It is no longer."""
        with self._guard:
            use = self._uses[endpoint_id]
            use.active -= 1
            if use == _Use():
                del self._uses[endpoint_id]

    def note_slow(self, endpoint_id: int) -> None:
        """A request to the endpoint takes longer than SLOW_SECONDS."""
        with self._guard:
            self._uses[endpoint_id].is_slow = True

    def note_end(self, endpoint_id: int, *, seconds: float, has_answered: bool) -> None:
        """A request to the endpoint ended after so many seconds."""
        with self._guard:
            use = self._uses[endpoint_id]
            use.is_slow = seconds >= SLOW_SECONDS
            if has_answered:
                use.allowed = min(MAX_LANES, use.allowed + 1)
            elif use.is_slow:
                use.allowed = 1

    def forget_idle(self) -> None:
        """Begin anew with endpoints that are sent nothing at the moment."""
        with self._guard:
            self._uses = {endpoint_id: use for endpoint_id, use in self._uses.items() if use.active}
