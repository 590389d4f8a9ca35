"""The address of a client, the same behind Django and ASGI."""

from typing import Any

import pytest
from django.http import HttpRequest

from chatserver.http.client_address import address_in, address_of, is_local, is_loopback, network_of


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.1", "127.0.0.1"),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "10.0.0.1, 192.0.2.1", "192.0.2.1"),
        (2, "10.0.0.1, 192.0.2.1, 192.0.2.2", "192.0.2.1"),
        (2, "192.0.2.1", "192.0.2.1"),
        (1, "192.0.2.1:4711", "192.0.2.1"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "unknown", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, " , ", "127.0.0.1"),
    ],
)
def test_it_is_the_one_that_the_nearest_trusted_proxy_saw(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.CHAT_NUM_PROXIES = proxies
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}
    assert address_of(request) == address
    scope = {"client": ("127.0.0.1", 5), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert address_in(scope) == address


def test_each_proxy_may_add_a_header_of_its_own(settings: Any) -> None:
    settings.CHAT_NUM_PROXIES = 2
    headers = [(b"x-forwarded-for", b"10.0.0.1, 192.0.2.1"), (b"x-forwarded-for", b"192.0.2.2")]
    assert address_in({"client": ("127.0.0.1", 5), "headers": headers}) == "192.0.2.1"


def test_a_header_that_is_spelt_with_underscores_is_another_one(settings: Any) -> None:
    settings.CHAT_NUM_PROXIES = 1
    assert address_in({"client": ("127.0.0.1", 5), "headers": [(b"x_forwarded_for", b"192.0.2.1")]}) == "127.0.0.1"


def test_without_a_peer_there_is_none() -> None:
    assert address_of(HttpRequest()) == address_in({"client": None, "headers": []}) == ""


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_limits_count_an_ipv6_address_by_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),  # noqa: S104 - nobody listens there
        ("::", False),
        ("::ffff:192.0.2.7", False),
        ("192.0.2.7", False),
        ("fe80::1%eth0", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_loopback_is_what_only_this_machine_can_have(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


@pytest.mark.parametrize(
    ("client", "forwarded", "expected"),
    [
        (("127.0.0.1", 5), "", True),
        (("::1", 5), "127.0.0.1, ::1", True),
        (None, "", True),
        (("192.0.2.7", 5), "", False),
        (("192.0.2.7", 5), "127.0.0.1", False),
        (("127.0.0.1", 5), "192.0.2.7", False),
        (("127.0.0.1", 5), "127.0.0.1, 192.0.2.7", False),
        (None, "192.0.2.7", False),
        (("127.0.0.1", 5), "nonsense", False),
    ],
)
def test_a_request_is_local_where_all_that_it_came_by_is(client: Any, forwarded: str, expected: bool) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert is_local({"client": client, "headers": headers}) is expected
