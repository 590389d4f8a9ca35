"""Requests go to URLs of HTTP, directly, and follow no redirects. A connection is kept for the next one."""

import asyncio
import socket
import threading
from collections.abc import Callable

import pytest

from chatserver.storage.outbound.client import OutboundClient
from chatserver.storage.outbound.connection import OutboundAnswer
from chatserver.storage.outbound.errors import OutboundRefused, OutboundUnreachable
from chatserver.storage.outbound.tests.tcp_server import OneServer, Serve, answer, get


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
    with pytest.raises((OutboundRefused, OutboundUnreachable)):
        get(url)


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


def test_what_is_sent_is_a_request_of_http(serving: Callable[[Serve], OneServer], private_allowed: None) -> None:
    received: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            received.append(connection.recv(65536))
            connection.sendall(OK)

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]

    async def post() -> None:
        sender = OutboundClient()
        url = f"http://127.0.0.1:{port}/a b%20\u00e9{{?q=1&r=[2]#fragment"
        await sender.exchange("POST", url, seconds=5, most_bytes=9, headers={"X-A": "1"}, content=b"body")
        sender.close()

    with listener:
        asyncio.run(post())
        thread.join()
    lines = received[0].decode().split("\r\n")
    assert lines[0] == "POST /a%20b%20%C3%A9%7B?q=1&r=%5B2%5D HTTP/1.1"
    assert {f"Host: 127.0.0.1:{port}", "X-A: 1", "Content-Length: 4", "Accept-Encoding: identity"} <= {*lines}
    assert lines[-2:] == ["", "body"]


@pytest.mark.parametrize("header", ["a\r\nX-Injected: 1", "a\nb", "\0"])
def test_a_header_with_a_line_break_is_refused(
    serving: Callable[[Serve], OneServer], private_allowed: None, header: str
) -> None:
    async def ask() -> None:
        url = f"http://127.0.0.1:{serving(answer(b'')).port}/"
        await OutboundClient().exchange("GET", url, seconds=5, most_bytes=9, headers={"X-A": header})

    with pytest.raises(OutboundRefused):
        asyncio.run(ask())


def many(client: OutboundClient, *urls: str) -> list[OutboundAnswer]:
    """What these answer, one after the other."""

    async def ask() -> list[OutboundAnswer]:
        try:
            return [await client.exchange("GET", url, seconds=5, most_bytes=10) for url in urls]
        finally:
            client.close()

    return asyncio.run(ask())


def each(*sent: bytes) -> Serve:
    """Send the first at once, each further one after a further request."""

    def serve(connection: socket.socket) -> None:
        for number, text in enumerate(sent):
            if number and not connection.recv(65536):
                break
            connection.sendall(text)

    return serve


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def test_a_connection_is_kept_for_the_next_exchange_with_the_same_server(
    serving: Callable[[Serve], OneServer], private_allowed: None
) -> None:
    server, other = serving(each(OK, OK)), serving(each(OK))
    urls = [f"http://127.0.0.1:{port}/" for port in (server.port, server.port, other.port)]
    assert [got.body for got in many(OutboundClient(), *urls)] == [b"hello"] * 3
    assert (server.connections, other.connections) == (1, 1)


@pytest.mark.parametrize(
    "sent",
    [
        OK.replace(b"OK", b"OK\r\nConnection: close"),
        OK.replace(b"1.1", b"1.0"),
        OK + OK.replace(b"hello", b"wrong"),
        OK.replace(b"5\r\n\r\n", b"50\r\n\r\n" + b"hello" * 9),
    ],
)
def test_a_connection_that_is_not_as_new_is_not_used_again(
    serving: Callable[[Serve], OneServer], private_allowed: None, sent: bytes
) -> None:
    server = serving(each(sent, b"HTTP/1.1 500 Wrong\r\n\r\n"))
    url = f"http://127.0.0.1:{server.port}/"
    assert [got.body[:5] for got in many(OutboundClient(), url, url)] == [b"hello"] * 2
    assert server.connections == 2


def test_an_answer_that_nobody_asked_for_is_nobodys(
    serving: Callable[[Serve], OneServer], private_allowed: None
) -> None:
    is_idle = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.sendall(OK)
        is_idle.wait(10)
        connection.sendall(OK.replace(b"hello", b"wrong"))
        connection.recv(65536)

    server = serving(serve)

    async def ask() -> list[bytes]:
        kept = OutboundClient()
        url = f"http://127.0.0.1:{server.port}/"
        first = await kept.exchange("GET", url, seconds=5, most_bytes=10)
        is_idle.set()
        async with asyncio.timeout(5):
            while kept._connection is not None and kept._connection.is_open:
                await asyncio.sleep(0.001)
        second = await kept.exchange("GET", url, seconds=5, most_bytes=10)
        kept.close()
        return [first.body, second.body]

    assert asyncio.run(ask()) == [b"hello", b"hello"]


def test_fetch_leaves_no_loop_behind(serving: Callable[[Serve], OneServer], private_allowed: None) -> None:
    get(f"http://127.0.0.1:{serving(answer(b'')).port}/")
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
