"""Leaves alone for a while what has just failed."""

import threading
import time


class Rest:
    """`may_ask()` before each try, then `end()` or `begin()`. Where it failed, one asks for all when the rest is over.

    Whoever tries must tell how it went; if he never does, his try is over after `patience` seconds.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._guard = threading.Lock()
        self._until = 0.0

    def may_ask(self) -> bool:
        if not self._until:
            return True
        with self._guard:
            if time.monotonic() < self._until:
                return False
            # The others wait for how it goes.
            if self._until:
                self._until = time.monotonic() + self._patience
            return True

    def begin(self, seconds: float) -> None:
        with self._guard:
            self._until = time.monotonic() + seconds

    def end(self) -> None:
        with self._guard:
            self._until = 0.0
