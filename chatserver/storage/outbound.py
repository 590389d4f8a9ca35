"""The one HTTP client for addresses that somebody outside chose: webhooks, and key sets of identity providers.

It connects to public addresses alone (unless CHAT_OUTBOUND_PRIVATE), and to the very address that was checked: a name
that resolves to another one a moment later gains nothing. It follows no redirects, uses no proxy of the environment,
and ends at a deadline for the whole exchange, however slowly bytes come. In asyncio: many exchanges hang at a time.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import httpcore2
import httpx2
from django.conf import settings

# A resolver that hangs holds a thread; others must not wait for it.
RESOLVER_THREADS = 64
MAX_OUTBOUND_CONNECTIONS = 500
# IPv6 addresses that stand for an IPv4 address beyond a translator, see RFC 6052.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
# All other addresses of IPv6 that the Internet has. What is beside them is local, or reserved for other uses.
UNICAST = ipaddress.ip_network("2000::/3")
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

_resolvers = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolver")


class OutboundRefused(httpx2.ConnectError):
    """Nothing was sent: the URL is none that this client may connect to."""


class OutboundTimeout(httpx2.TimeoutException):
    """The exchange did not end in time."""


class OutboundAnswer(NamedTuple):
    """`body` are the first bytes of it; `is_cut` where there were more."""

    status: int
    headers: httpx2.Headers
    body: bytes
    is_cut: bool


def outbound_client() -> httpx2.AsyncClient:
    """A client with a pool of connections, for one event loop. Close it there, with aclose()."""
    headers = {"User-Agent": "ChatServer", "Accept-Encoding": "identity"}
    return httpx2.AsyncClient(transport=_GuardedTransport(), headers=headers, trust_env=False, timeout=None)


async def exchange(
    client: httpx2.AsyncClient,
    method: str,
    url: str,
    *,
    seconds: float,
    most_bytes: int,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> OutboundAnswer:
    """Send a request and read its answer, both within these seconds, and up to so many bytes of the body.

    httpx2.HTTPError where there is no answer: OutboundRefused, OutboundTimeout and those of httpx2.
    """
    try:
        async with asyncio.timeout(seconds), client.stream(method, url, headers=headers, content=content) as answer:
            body = b""
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > most_bytes:
                    break
            return OutboundAnswer(answer.status_code, answer.headers, body[:most_bytes], len(body) > most_bytes)
    except TimeoutError:
        raise OutboundTimeout(f"no whole answer within {seconds:g} s") from None
    except OSError as error:
        # The library lets errors of TLS through that come after the handshake, such as a demand for a certificate.
        raise httpx2.ReadError(f"the connection broke: {error}") from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError) as error:
        raise OutboundRefused(f"not a URL to connect to: {error}") from error


def fetch(url: str, *, seconds: float, most_bytes: int) -> OutboundAnswer:
    """exchange() of one GET, for a thread without an event loop."""

    async def get() -> OutboundAnswer:
        async with outbound_client() as client:
            return await exchange(client, "GET", url, seconds=seconds, most_bytes=most_bytes)

    return asyncio.run(get())


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


async def _addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a host. OutboundRefused where one of them may not be connected to."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(_resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError as error:
        raise httpx2.ConnectError(f"{host} can't be resolved: {error}") from error
    addresses = [str(address[0]) for *_, address in found]
    if not settings.CHAT_OUTBOUND_PRIVATE and not all(map(is_public, addresses)):
        raise OutboundRefused(f"{host} is not a public address; see CHAT_OUTBOUND_PRIVATE")
    return addresses


class _GuardedBackend(httpcore2.AnyIOBackend):
    """Connects to addresses that were checked, never to a name."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        first_error = None
        for address in await _addresses_of(host, port):
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore2.ConnectError as error:
                first_error = first_error or error
        raise first_error or httpcore2.ConnectError(f"{host} has no address")


@cache
def _tls_context() -> ssl.SSLContext:
    """It takes long to make, and all clients may share one."""
    return httpx2.create_ssl_context()


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    def __init__(self) -> None:
        context = _tls_context()
        super().__init__(verify=context, trust_env=False)
        # The transport has no argument for its network backend.
        self._pool = httpcore2.AsyncConnectionPool(
            context, max_connections=MAX_OUTBOUND_CONNECTIONS, network_backend=_GuardedBackend()
        )
