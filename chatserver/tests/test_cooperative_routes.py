"""Which routes run cooperatively, as they say of themselves."""

import pytest

from chatserver.http.cooperative_routes import cooperative_routes


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/api/v1/chats/", True),
        ("POST", "/api/v1/chats", True),
        ("GET", "/api/v1/rooms/", True),
        ("GET", "/api/v1/rooms", True),
        ("GET", "/api/v1/rooms/7/messages/", True),
        # Whatever stands there is for the view to judge.
        ("GET", "/api/v1/rooms/seven/messages", True),
        ("GET", "/api/v1/rooms/7/", False),
        ("GET", "/api/v1/rooms/7/messages/8", False),
        ("GET", "/api/v1/chats/", False),
        ("POST", "/api/v1/rooms/", False),
        ("GET", "/x/api/v1/rooms/", False),
        ("PUT", "/api/v1/rooms/", False),
    ],
)
def test_routes_that_run_cooperatively(method: str, path: str, expected: bool) -> None:
    paths = cooperative_routes().get(method)
    assert (paths is not None and paths.fullmatch(path) is not None) is expected
