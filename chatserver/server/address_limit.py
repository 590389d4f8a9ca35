"""How many requests and streams of one address a process serves at a time: few clients must not take all places.

The server owns the sockets and has no such limit; an idle connection costs little and is for the proxy to limit.
"""

from collections import Counter
from functools import lru_cache

from chatserver.errors import TooManyConnections
from chatserver.http.asgi_types import Scope
from chatserver.http.client_address import address_in, is_loopback, network_of


@lru_cache(4096)
def _counted_network(address: str) -> str:
    """What is counted of an address; "" for this machine, where proxies forward for everybody, and for none."""
    return "" if is_loopback(address) else network_of(address)


class AddressLimit:
    """Used in the event loop. `limit` 0: none."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._under_way: Counter[str] = Counter()

    def enter(self, scope: Scope) -> str:
        """Count a request; returns what leave() takes. TooManyConnections."""
        network = _counted_network(address_in(scope)) if self._limit else ""
        if network:
            if self._under_way[network] >= self._limit:
                raise TooManyConnections
            self._under_way[network] += 1
        return network

    def leave(self, network: str) -> None:
        """The request has been answered, or the stream has ended."""
        if network:
            self._under_way[network] -= 1
            if not self._under_way[network]:
                del self._under_way[network]
