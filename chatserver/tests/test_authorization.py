"""The one parser of `Authorization`: what it makes of good and of hostile values, the same behind Django and ASGI."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from chatserver.http.authorization import authorization_in, authorization_of, parse_authorization


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("Bearer ct_x", ("bearer", "ct_x")),
        ("bEARER ct_x", ("bearer", "ct_x")),
        ("  Bearer   ct_x\t ", ("bearer", "ct_x")),
        ("Basic YTpi", ("basic", "YTpi")),
        ("Bearer", ("bearer", "")),
        ("Bearer ", ("bearer", "")),
        ("", ("", "")),
        (" ", ("", "")),
        ("ct_x", ("ct_x", "")),
        ("Bearer\tct_x", ("bearer\tct_x", "")),
        ("Bearer ct_x y", ("bearer", "ct_x y")),
        ("Bearer ct_x\xa0", ("bearer", "ct_x\xa0")),
        ("Bearer\xa0ct_x", ("bearer\xa0ct_x", "")),
        ("Bearer \0\xff\r\n", ("bearer", "\0\xff\r\n")),
    ],
)
def test_a_value_has_a_scheme_and_credentials(value: str, parts: tuple[str, str]) -> None:
    assert parse_authorization(value) == parts


def test_without_the_header_there_is_nothing() -> None:
    assert authorization_in({"headers": [(b"cookie", b"x=y")]}) is None
    assert authorization_of(RequestFactory().get("/")) is None


def test_two_headers_are_one_value_that_no_scheme_accepts() -> None:
    twice = authorization_in({"headers": [(b"authorization", b"Bearer ct_x"), (b"authorization", b"Bearer ct_y")]})
    assert twice == ("bearer", "ct_x,Bearer ct_y")


@given(st.binary())
def test_any_bytes_are_the_same_to_both_interfaces(value: bytes) -> None:
    found = authorization_in({"headers": [(b"authorization", value)]})
    assert found is not None
    request = RequestFactory().get("/", headers={"Authorization": value.decode("latin-1")})
    assert authorization_of(request) == found
    assert found.scheme == found.scheme.lower()
    assert not found.credentials.startswith((" ", "\t"))
