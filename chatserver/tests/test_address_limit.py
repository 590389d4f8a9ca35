"""One address has a share of a process, and not all of it."""

import socket
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest

from chatserver.errors import TooManyConnections
from chatserver.server.address_limit import AddressLimit
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for

MOST = 3


@pytest.fixture(scope="module")
def limited(start_shared_service: Callable[..., Service]) -> Service:
    """Behind a proxy, so that a client here may have any address."""
    return start_shared_service(CHAT_NUM_PROXIES="1", CHAT_MAX_CONNECTIONS_PER_ADDRESS=str(MOST))


def open_stream(person: Client, address: str) -> Stream:
    headers = {"Authorization": f"Bearer {person.token}", "X-Forwarded-For": address}
    return Stream(f"{person.service.url}/api/v1/stream", headers)


def ask(service: Service, address: str, path: str = "/healthz") -> httpx.Response:
    return httpx.get(f"{service.url}{path}", headers={"X-Forwarded-For": address})


def test_streams_of_an_address_have_a_limit_that_others_do_not_notice(limited: Service) -> None:
    people = limited.people(MOST + 1)
    # Two are in one /64.
    addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::1"]
    streams = [open_stream(person, address) for person, address in zip(people, addresses, strict=False)]
    assert [stream.status for stream in streams] == [200] * MOST
    refused = open_stream(people[-1], "2001:db8:1:2::7")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
    assert b"too_many_connections" in refused.body
    for path in ("/healthz", "/stream", "/api/v1/session/", "/nope"):
        assert ask(limited, "2001:db8:1:2::1", path).status_code == 429
    for other in ("2001:db8:1:3::1", "192.0.2.9", "127.0.0.1"):
        assert ask(limited, other).status_code == 200
    streams[0].close()
    wait_for(lambda: ask(limited, "2001:db8:1:2::1").status_code == 200, what="the place of a stream that ended")
    for stream in streams[1:]:
        stream.close()


def test_bodies_that_do_not_come_count(limited: Service) -> None:
    lines = ["POST /api/v1/chats/ HTTP/1.1", "Host: localhost", "X-Forwarded-For: 192.0.2.8", "Content-Length: 9"]
    head = "\r\n".join([*lines, "Expect: 100-continue", "\r\n"]).encode()
    with ExitStack() as stack:
        for _ in range(MOST):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", limited.port), timeout=15))
            slow.sendall(head)
            assert slow.recv(100).startswith(b"HTTP/1.1 100")  # its body is waited for
        assert ask(limited, "192.0.2.8").status_code == 429
        assert ask(limited, "192.0.2.9").status_code == 200
    wait_for(lambda: ask(limited, "192.0.2.8").status_code == 200, what="places of clients that have gone")


def test_this_machine_has_no_limit(limited: Service) -> None:
    people = limited.people(MOST + 2)
    streams = [person.listen() for person in people]
    assert [stream.status for stream in streams] == [200] * len(people)
    for stream in streams:
        stream.close()


def test_nothing_is_kept_of_those_who_have_gone() -> None:
    limit = AddressLimit(1)
    scopes = [{"client": (f"192.0.2.{number}", 5), "headers": []} for number in range(9)]
    networks = [limit.enter(scope) for scope in scopes]
    with pytest.raises(TooManyConnections):
        limit.enter(scopes[0])
    for network in networks:
        limit.leave(network)
    assert limit._under_way == Counter()
    assert len(limit._under_way) == 0


def test_zero_is_no_limit() -> None:
    limit = AddressLimit(0)
    assert [limit.enter({"client": ("192.0.2.1", 5), "headers": []}) for _ in range(9)] == [""] * 9
