"""The one HTTP client for addresses that somebody outside chose: webhooks, and key sets of identity providers.

It connects only where addresses.py allows it, follows no redirects, uses no proxy of the environment, and ends at a
deadline for the whole exchange, however slowly bytes come. In asyncio: many exchanges hang at a time.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from chatserver.storage.outbound.addresses import connect
from chatserver.storage.outbound.connection import HttpConnection, OutboundAnswer
from chatserver.storage.outbound.errors import OutboundLate, OutboundRefused, OutboundTimeout, OutboundUnreachable

OUTBOUND_PORTS = {"http": 80, "https": 443}
# What RFC 3986 allows in paths and queries, and percent signs, which are there already where anything is quoted.
IN_TARGETS = "%/?:@!$&'()*+,;="
OUTBOUND_HEADERS = {"User-Agent": "ChatServer", "Accept": "*/*", "Accept-Encoding": "identity"}


class Origin(NamedTuple):
    """Whom a connection is to."""

    scheme: str
    host: str
    port: int


class Destination(NamedTuple):
    """A URL in its parts. `authority` is the Host header, `target` the path with the query."""

    origin: Origin
    authority: str
    target: str


class OutboundClient:
    """For one exchange at a time. It keeps the connection for the next one with the same server."""

    def __init__(self) -> None:
        self._origin: Origin | None = None
        self._connection: HttpConnection | None = None

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        connect_seconds: float = float("inf"),
    ) -> OutboundAnswer:
        """Connect, send a request and read its answer, all within these seconds, and up to so many bytes of the body.

        OutboundError where there is no answer; OutboundLate where connecting took longer than `connect_seconds`.
        """
        destination = destination_of(url)
        sent = {"Host": destination.authority, **OUTBOUND_HEADERS, **(headers or {})}
        if content:
            sent["Content-Length"] = str(len(content))
        try:
            async with asyncio.timeout(seconds):
                began = time.monotonic()
                connection = await self._connected(destination.origin)
                if time.monotonic() - began > connect_seconds:
                    raise OutboundLate(f"it took longer than {connect_seconds:g} s")
                return await connection.exchange(
                    method, destination.target, headers=sent, content=content, most_bytes=most_bytes
                )
        except TimeoutError:
            raise OutboundTimeout(f"no whole answer within {seconds:g} s") from None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connected(self, origin: Origin) -> HttpConnection:
        if self._connection is not None and self._connection.is_open and origin == self._origin:
            return self._connection
        self.close()
        is_tls = origin.scheme == "https"
        try:
            _, self._connection = await asyncio.get_running_loop().create_connection(
                HttpConnection,
                sock=await connect(origin.host, origin.port),
                ssl=_tls_context() if is_tls else None,
                server_hostname=origin.host if is_tls else None,
            )
        except OSError as error:
            raise OutboundUnreachable(f"{origin.host} can't be connected to: {error}") from error
        self._origin = origin
        return self._connection


def fetch(url: str, *, seconds: float, most_bytes: int) -> OutboundAnswer:
    """The answer to a GET, for a thread without an event loop. OutboundError."""

    async def get() -> OutboundAnswer:
        client = OutboundClient()
        try:
            return await client.exchange("GET", url, seconds=seconds, most_bytes=most_bytes)
        finally:
            client.close()

    return asyncio.run(get())


@lru_cache(1000)
def destination_of(url: str) -> Destination:
    """OutboundRefused where this is not a URL of HTTP, or has a user or a password."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
        target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=IN_TARGETS)
    except ValueError as error:
        raise OutboundRefused(f"not a URL: {error}") from None
    if parts.scheme not in OUTBOUND_PORTS or not host or parts.username is not None:
        raise OutboundRefused("not a URL to connect to")
    origin = Origin(parts.scheme, host, OUTBOUND_PORTS[parts.scheme] if port is None else port)
    name = f"[{host}]" if ":" in host else host
    return Destination(origin, name if port is None else f"{name}:{port}", target)


@cache
def _tls_context() -> ssl.SSLContext:
    """It takes long to make, and all connections may share one."""
    return ssl.create_default_context()
