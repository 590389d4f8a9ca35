"""Public addresses alone are connected to, those that were checked, and each that may answer is tried."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from chatserver.storage.outbound import addresses
from chatserver.storage.outbound.addresses import Address, is_public
from chatserver.storage.outbound.errors import OutboundRefused, OutboundTimeout, OutboundUnreachable
from chatserver.storage.outbound.tests.tcp_server import OneServer, Serve, answer, get


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
    with pytest.raises((OutboundRefused, OutboundUnreachable)):
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

    async def connect(address: Address) -> socket.socket:
        connected.append(address.place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(addresses, "_connect", connect)
    asked = names(monkeypatch, lambda: next(answers))
    with pytest.raises(OutboundUnreachable):
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
        families = [(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in resolve()]
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in families]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.fixture
def deaf() -> Iterator[tuple[str, int]]:
    """An address, and a port where the connection is neither accepted nor refused."""
    with socket.create_server(("127.0.0.2", 0), backlog=0) as listener, contextlib.ExitStack() as stack:
        place = listener.getsockname()
        for _ in range(2):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(place)
        yield place


def test_the_next_address_is_tried_beside_one_that_hangs(
    deaf: tuple[str, int], private_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "HEAD_START_SECONDS", 0.01)
    names(monkeypatch, lambda: ["127.0.0.2", "127.0.0.1"])
    with socket.create_server(("127.0.0.1", deaf[1])) as listener:
        threading.Thread(target=accept_one, args=[listener, answer(b"hello")], daemon=True).start()
        assert get(f"http://rebinding.example:{deaf[1]}/").body == b"hello"


def test_where_all_addresses_hang_the_time_limit_counts(
    deaf: tuple[str, int], private_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, lambda: ["127.0.0.2", "127.0.0.2"])
    with pytest.raises(OutboundTimeout):
        get(f"http://rebinding.example:{deaf[1]}/", seconds=0.05)


def accept_one(listener: socket.socket, serve: Serve) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        serve(connection)


@pytest.mark.parametrize("refused", [["::1"], ["127.0.0.3", "127.0.0.2"]])
def test_the_next_address_is_tried_after_one_that_refuses(
    serving: Callable[[Serve], OneServer], private_allowed: None, monkeypatch: pytest.MonkeyPatch, refused: list[str]
) -> None:
    names(monkeypatch, lambda: [*refused, "127.0.0.1"])
    assert get(f"http://rebinding.example:{serving(answer(b'hello')).port}/").body == b"hello"


def test_addresses_of_both_families_are_tried_alternately_and_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    async def connect(address: Address) -> socket.socket:
        tried.append(address.place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(addresses, "_connect", connect)
    names(monkeypatch, lambda: [f"2606:4700::{number}" for number in range(1, 20)] + ["1.1.1.1", "1.0.0.1"])
    with pytest.raises(OutboundUnreachable):
        get("http://rebinding.example/")
    assert tried[:5] == ["2606:4700::1", "1.1.1.1", "2606:4700::2", "1.0.0.1", "2606:4700::3"]
    assert len(tried) == 8


def test_private_addresses_can_be_allowed(serving: Callable[[Serve], OneServer], private_allowed: None) -> None:
    server = serving(answer(b"hello"))
    got = get(f"http://127.0.0.1:{server.port}/")
    assert (got.status, got.body, got.is_cut) == (200, b"hello", False)
