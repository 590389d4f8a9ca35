"""Answers that are long, slow or broken end in time, and none quotes what came."""

import socket
import time
from collections.abc import Callable

import pytest

from chatserver.storage.outbound.connection import MAX_OVERHEAD_BYTES
from chatserver.storage.outbound.errors import OutboundError, OutboundTimeout
from chatserver.storage.outbound.tests.tcp_server import OneServer, Serve, answer, get


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
    with pytest.raises(OutboundError) as caught:
        get(f"http://127.0.0.1:{serving(drip(head)).port}/", seconds=0.3)
    # What is not HTTP may be noticed earlier.
    assert isinstance(caught.value, OutboundTimeout) or not head


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nsecret",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecret\r\n",
        b"HTTP/1.1 101 secret\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nsecret\r\n\r\n",
        b"secret",
        b"secret\r\n\r\n",
        b"",
    ],
)
def test_a_broken_answer_is_an_error_that_quotes_nothing_of_it(
    serving: Callable[[Serve], OneServer], private_allowed: None, sent: bytes
) -> None:
    server = serving(lambda connection: connection.sendall(sent))
    with pytest.raises(OutboundError, match="^no answer of HTTP, or not a whole one$"):
        get(f"http://127.0.0.1:{server.port}/")


@pytest.mark.parametrize("line", [b"HTTP/1.1 100 Continue\r\n\r\n", b"X: y\r\n", b"x" * 100])
def test_a_head_without_an_end_is_an_error(
    serving: Callable[[Serve], OneServer], private_allowed: None, line: bytes
) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" if line.startswith(b"X") else b"")
        while True:
            connection.sendall(line * 1000)

    with pytest.raises(OutboundError) as caught:
        get(f"http://127.0.0.1:{serving(flood).port}/")
    assert not isinstance(caught.value, OutboundTimeout)


def test_an_answer_may_have_a_long_head_and_others_before_it(
    serving: Callable[[Serve], OneServer], private_allowed: None
) -> None:
    head = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nX: " + b"x" * (MAX_OVERHEAD_BYTES - 1000) + b"\r\n"
    assert get(f"http://127.0.0.1:{serving(answer(b'hello', head)).port}/").body == b"hello"
