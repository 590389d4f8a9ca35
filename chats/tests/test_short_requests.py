"""Which requests are run side by side: messages to rooms, pages and lists, and nothing that may wait long."""

from typing import Any

import pytest

from chats.short_requests import is_plain_message, is_plain_page

BODY = b'{"room_id":0,"message":"hi"}'


@pytest.mark.parametrize(
    ("method", "path", "credential", "body", "expected"),
    [
        ("POST", "/api/v1/chats/", b"Bearer ct_1", BODY, True),
        ("POST", "/api/v1/chats", b"bearer ct_1", BODY, True),
        # Opens a room first, perhaps.
        ("POST", "/api/v1/chats/", b"Bearer ct_1", b'{"user_id":1,"message":"hi"}', False),
        # A password takes its time.
        ("POST", "/api/v1/chats/", b"Basic YTpi", BODY, False),
        ("POST", "/api/v1/chats/", None, BODY, False),
        ("GET", "/api/v1/chats/", b"Bearer ct_1", BODY, False),
        ("POST", "/api/v1/rooms/", b"Bearer ct_1", BODY, False),
    ],
)
def test_what_is_a_plain_message(method: str, path: str, credential: bytes | None, body: bytes, expected: bool) -> None:
    assert is_plain_message(scope_of(method, path, credential), body) is expected


@pytest.mark.parametrize(
    ("method", "path", "credential", "expected"),
    [
        ("GET", "/api/v1/rooms/", b"Bearer ct_1", True),
        ("GET", "/api/v1/rooms", b"bearer ct_1", True),
        ("GET", "/api/v1/rooms/12/messages/", b"Bearer ct_1", True),
        ("GET", "/api/v1/rooms/?limit=50&archived=true", b"Bearer ct_1", True),
        # Looks through all rooms.
        ("GET", "/api/v1/rooms/?joinable=true", b"Bearer ct_1", False),
        ("GET", "/api/v1/rooms/?%6Aoinable=true", b"Bearer ct_1", False),
        ("GET", "/api/v1/rooms/12/", b"Bearer ct_1", False),
        ("GET", "/api/v1/rooms/12/messages/1/", b"Bearer ct_1", False),
        ("GET", "/api/v1/rooms/12/members/", b"Bearer ct_1", False),
        ("POST", "/api/v1/rooms/", b"Bearer ct_1", False),
        ("GET", "/api/v1/rooms/", b"Basic YTpi", False),
        ("GET", "/api/v1/rooms/", None, False),
    ],
)
def test_what_is_a_plain_page(method: str, path: str, credential: bytes | None, expected: bool) -> None:
    assert is_plain_page(scope_of(method, path, credential), b"") is expected


def scope_of(method: str, path: str, credential: bytes | None) -> dict[str, Any]:
    headers = [(b"host", b"chat")] + ([] if credential is None else [(b"authorization", credential)])
    path, _, query = path.partition("?")
    return {"method": method, "path": path, "query_string": query.encode(), "headers": headers}
