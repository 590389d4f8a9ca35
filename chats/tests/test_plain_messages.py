"""Which requests are run side by side: messages to rooms from people with tokens, and nothing that may wait long."""

import pytest

from chats.views import is_plain_message

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
    headers = [(b"host", b"chat")] + ([] if credential is None else [(b"authorization", credential)])
    assert is_plain_message({"method": method, "path": path, "headers": headers}, body) is expected
