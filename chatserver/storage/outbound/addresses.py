"""The addresses of a host that somebody outside chose, and a TCP connection to one of them.

Only public addresses are connected to (unless CHAT_OUTBOUND_PRIVATE), and only the very ones that were checked: a name
that resolves to others a moment later gains nothing. A name that has one address which is not public is refused whole.
"""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from django.conf import settings

from chatserver.storage.outbound.errors import OutboundRefused, OutboundUnreachable

# A resolver that hangs holds a thread; others must not wait for it.
RESOLVER_THREADS = 64
# As RFC 8305, 5 and 8 says: so long an address is tried alone, before the next one is tried beside it.
HEAD_START_SECONDS = 0.25
MAX_TRIED_ADDRESSES = 8
# IPv6 addresses that stand for an IPv4 address beyond a translator, see RFC 6052.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
# All other addresses of IPv6 that the Internet has. What is beside them is local, or reserved for other uses.
UNICAST = ipaddress.ip_network("2000::/3")

_resolvers = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolver")


class Address(NamedTuple):
    """As sockets need it. `place` is an IP address, a port, and more with IPv6."""

    family: socket.AddressFamily
    place: tuple[Any, ...]


def is_public(address: str) -> bool:
    """Whether this IP address is on the Internet, seen through the notations of IPv6 that contain one of IPv4."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if found in TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
        if found not in UNICAST:
            return False
    return found.is_global and not found.is_multicast


async def connect(host: str, port: int) -> socket.socket:
    """A connection to the first address of the host that answers. OutboundRefused, OutboundUnreachable."""
    waiting = _alternating(await _addresses_of(host, port))
    attempts: set[asyncio.Task[socket.socket]] = set()
    first_error: BaseException | None = None
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_connect(waiting.pop(0))))
            timeout = HEAD_START_SECONDS if waiting else None
            ended, attempts = await asyncio.wait(attempts, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            connected = [attempt.result() for attempt in ended if attempt.exception() is None]
            for spare in connected[1:]:
                spare.close()
            if connected:
                return connected[0]
            first_error = first_error or next((attempt.exception() for attempt in ended), None)
    finally:
        for attempt in attempts:
            attempt.cancel()
    raise OutboundUnreachable(f"{host} can't be reached: {first_error}")


async def _addresses_of(host: str, port: int) -> list[Address]:
    """All addresses of the host. OutboundRefused where one of them may not be connected to."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(_resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError as error:
        raise OutboundUnreachable(f"{host} can't be resolved: {error}") from error
    if not settings.CHAT_OUTBOUND_PRIVATE and not all(is_public(str(place[0])) for *_, place in found):
        raise OutboundRefused(f"{host} is not a public address; see CHAT_OUTBOUND_PRIVATE")
    return [Address(family, place) for family, *_, place in found]


def _alternating(addresses: list[Address]) -> list[Address]:
    """IPv6 and IPv4 alternately, and not too many: where one of the two does not work here, the other is tried soon."""
    first = [each for each in addresses if each.family == addresses[0].family]
    other = [each for each in addresses if each.family != addresses[0].family]
    return [each for each in chain(*zip_longest(first, other)) if each is not None][:MAX_TRIED_ADDRESSES]


async def _connect(address: Address) -> socket.socket:
    connection = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, address.place)
    except BaseException:
        connection.close()
        raise
    return connection
