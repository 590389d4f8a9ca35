"""Counts the bytes of long answers that clients have not taken, so that slow readers can't fill the memory."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chatserver.errors import Unavailable
from chatserver.http.asgi_types import Scope
from chatserver.http.client_address import address_in, is_loopback, network_of

# In a process. While it is more, no request is served but probes.
MAX_UNTAKEN_BYTES = 64 * 1024 * 1024
# One address can't take all of it. This machine's own can: it may be that of a proxy, for everybody behind it.
MAX_UNTAKEN_BYTES_OF_ADDRESS = MAX_UNTAKEN_BYTES // 4


class UntakenAnswers:
    """Used in the event loop."""

    def __init__(self) -> None:
        self._bytes: Counter[str] = Counter()
        self._total = 0

    def check(self, scope: Scope, size: int = 0) -> None:
        """Unavailable where an answer of this size to this client would be too much."""
        network = network_of(address_in(scope))
        own = self._bytes[network] + size
        if self._total + size > MAX_UNTAKEN_BYTES or (own > MAX_UNTAKEN_BYTES_OF_ADDRESS and not is_loopback(network)):
            raise Unavailable("Too many answers were not taken; come back shortly.", code="overloaded")

    @contextmanager
    def holding(self, scope: Scope, size: int) -> Iterator[None]:
        """Count an answer of this size while it is sent in here."""
        network = network_of(address_in(scope))
        self._bytes[network] += size
        self._total += size
        try:
            yield
        finally:
            self._total -= size
            self._bytes[network] -= size
            if not self._bytes[network]:
                del self._bytes[network]
