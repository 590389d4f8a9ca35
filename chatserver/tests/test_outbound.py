"""The guarded HTTP client connects to public addresses alone, to those that it checked, and ends in time."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpcore2
import httpx2
import pytest

from chatserver.storage.outbound import OutboundAnswer, OutboundRefused, OutboundTimeout, exchange, fetch, is_public

Serve = Callable[[socket.socket], None]


class OneServer:
    """A TCP server on this machine that notes who connects."""

    def __init__(self, family: socket.AddressFamily, address: str, serve: Serve) -> None:
        self.connections = 0
        self._serve = serve
        self._listener = socket.create_server((address, 0), family=family, dualstack_ipv6=family == socket.AF_INET6)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            self._serve(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def serving() -> Iterator[Callable[[Serve], OneServer]]:
    servers: list[OneServer] = []

    def start(serve: Serve) -> OneServer:
        servers.append(OneServer(socket.AF_INET, "127.0.0.1", serve))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def everywhere() -> Iterator[OneServer]:
    """A server on every address of this machine."""
    server = OneServer(socket.AF_INET6, "::", answer(b"inside"))
    yield server
    server.close()


@pytest.fixture
def private_allowed(settings: Any) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = True


def answer(body: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n") -> Serve:
    return lambda connection: connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def get(url: str, seconds: float = 5) -> OutboundAnswer:
    return fetch(url, seconds=seconds, most_bytes=1000)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "0",
        "localhost",
        "LOCALHOST.",
        "127.0.0.1.",
        "\uff11\uff12\uff17.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[0:0:0:0:0:ffff:0:0]",
        "user:password@127.0.0.1",
    ],
)
def test_no_notation_of_an_inside_address_is_connected_to(everywhere: OneServer, host: str) -> None:
    with pytest.raises(httpx2.ConnectError):
        get(f"http://{host}:{everywhere.port}/")
    assert everywhere.connections == 0


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:0:7f00:1::80ff:fffe",
        "::ffff:169.254.169.254",
        "::ffff:0:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",
        "fec0::1",
    ],
)
def test_these_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_these_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("resolved", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"]])
def test_a_name_with_one_inside_address_is_refused(
    everywhere: OneServer, monkeypatch: pytest.MonkeyPatch, resolved: list[str]
) -> None:
    names(monkeypatch, lambda: resolved)
    with pytest.raises(OutboundRefused, match="not a public address"):
        get(f"http://rebinding.example:{everywhere.port}/")
    assert everywhere.connections == 0


def test_the_address_that_was_checked_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to another one a moment later gains nothing."""
    answers, connected = iter([["1.1.1.1"], ["127.0.0.1"]]), []

    async def connect_tcp(self, host, port, *args):
        connected.append(host)
        raise httpcore2.ConnectError

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect_tcp)
    asked = names(monkeypatch, lambda: next(answers))
    with pytest.raises(httpx2.ConnectError):
        get("http://rebinding.example/")
    assert (asked, connected) == (["rebinding.example"], ["1.1.1.1"])


def names(monkeypatch: pytest.MonkeyPatch, resolve: Callable[[], list[str]]) -> list[str]:
    """Have one name resolve to these addresses. Returns the list of its look-ups."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        if host != "rebinding.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in resolve()]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://",
        "http://[",
        "http://a b/",
        "http://\ud800/",
        "http://xn--/",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(httpx2.HTTPError):
        get(url)


def test_private_addresses_can_be_allowed(serving: Callable[[Serve], OneServer], private_allowed: None) -> None:
    server = serving(answer(b"hello"))
    got = get(f"http://127.0.0.1:{server.port}/")
    assert (got.status, got.body, got.is_cut) == (200, b"hello", False)


def test_a_redirect_is_an_answer_and_not_followed(
    serving: Callable[[Serve], OneServer], everywhere: OneServer, private_allowed: None
) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\n" % everywhere.port
    assert get(f"http://127.0.0.1:{serving(answer(b'', head)).port}/").status == 302
    assert everywhere.connections == 0


def test_no_proxy_of_the_environment_is_used(
    serving: Callable[[Serve], OneServer],
    everywhere: OneServer,
    private_allowed: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{everywhere.port}")
    assert get(f"http://127.0.0.1:{serving(answer(b'direct')).port}/").body == b"direct"


def test_a_long_answer_is_cut(serving: Callable[[Serve], OneServer], private_allowed: None) -> None:
    got = get(f"http://127.0.0.1:{serving(answer(b'x' * 5_000_000)).port}/")
    assert (len(got.body), got.is_cut) == (1000, True)


def drip(head: bytes) -> Serve:
    """Send a byte every 20 ms for as long as the client stays."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    return serve


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b""]
)
def test_an_answer_that_comes_byte_by_byte_ends_at_the_deadline(
    serving: Callable[[Serve], OneServer], private_allowed: None, head: bytes
) -> None:
    with pytest.raises(httpx2.HTTPError) as caught:
        get(f"http://127.0.0.1:{serving(drip(head)).port}/", seconds=0.3)
    # What is not HTTP may be noticed earlier.
    assert isinstance(caught.value, OutboundTimeout) or not head


def test_a_cut_answer_is_an_error(serving: Callable[[Serve], OneServer], private_allowed: None) -> None:
    server = serving(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))
    with pytest.raises(httpx2.RemoteProtocolError):
        get(f"http://127.0.0.1:{server.port}/")


def test_fetch_leaves_no_loop_behind(serving: Callable[[Serve], OneServer], private_allowed: None) -> None:
    get(f"http://127.0.0.1:{serving(answer(b'')).port}/")
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_an_error_of_tls_after_the_handshake_is_no_answer() -> None:
    def demand_certificate(request: httpx2.Request) -> httpx2.Response:
        raise ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")

    async def ask() -> OutboundAnswer:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(demand_certificate)) as client:
            return await exchange(client, "GET", "https://shop.example/", seconds=5, most_bytes=10)

    with pytest.raises(httpx2.HTTPError, match="CERTIFICATE_REQUIRED"):
        asyncio.run(ask())
