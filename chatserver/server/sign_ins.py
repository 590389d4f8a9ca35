"""Threads for requests that hash a password, in a queue of their own: others do not notice how many sign in."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chatserver.errors import Unavailable
from chatserver.http.asgi_types import Scope
from chatserver.http.client_address import address_in, network_of
from chatserver.http.password_routes import SIGN_IN_THREAD

SIGN_IN_THREADS = 2
# They wait for up to some ten seconds. One address can't take all places.
MAX_SIGN_INS = 100
MAX_SIGN_INS_OF_ADDRESS = 60

Answer = TypeVar("Answer")


class SignIns:
    """Used in the event loop."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(SIGN_IN_THREADS, SIGN_IN_THREAD)
        self._waiting: Counter[str] = Counter()

    async def run(self, scope: Scope, answer: Callable[[], Answer]) -> Answer:
        """Answer a request as soon as a thread is free. Unavailable where too many wait."""
        network = network_of(address_in(scope))
        if self._waiting.total() >= MAX_SIGN_INS or self._waiting[network] >= MAX_SIGN_INS_OF_ADDRESS:
            raise Unavailable("Too many people sign in at the moment; come back shortly.", code="overloaded")
        self._waiting[network] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, answer)
        finally:
            self._waiting[network] -= 1
            if not self._waiting[network]:
                del self._waiting[network]

    def close(self) -> None:
        """Let what runs end, and take no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
