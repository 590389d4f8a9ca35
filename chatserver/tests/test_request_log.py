"""The line of a request: one line whatever was asked for, and never a reason for another answer."""

import errno
import io
import json
import logging
import sys
from collections.abc import Callable
from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from chatserver.config import logging as chat_logging
from users.models import User


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def log_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[io.StringIO], None]:
    """Write requests to this stream, in JSON as in production."""

    def begin(stream: io.StringIO) -> None:
        monkeypatch.setattr(chat_logging, "_has_json", True)
        monkeypatch.setattr(logging.getLogger("chatserver.request"), "level", logging.INFO)
        logging.getLogger("chatserver.request")._cache.clear()  # type: ignore[attr-defined]  # as setLevel() does
        monkeypatch.setattr(sys, "stderr", stream)

    return begin


def test_a_log_that_cannot_be_written_does_not_fail_the_request(
    log_to: Callable[[io.StringIO], None], api_of: Callable[[User], APIClient], alice: User
) -> None:
    log_to(FullDisk())
    answer = api_of(alice).patch("/api/v1/users/me/", {"display_name": "Alice"}, format="json")
    assert (answer.status_code, answer.json()["display_name"]) == (200, "Alice")
    alice.refresh_from_db()
    assert alice.display_name == "Alice"


@pytest.mark.parametrize("sign", ["\n", "\r", "\x0b", "\x1b", "\x85", "\x9b", "\u2028", "\u2029", "é", "😀"])
def test_no_path_ends_the_line(
    log_to: Callable[[io.StringIO], None], api_of: Callable[[None], APIClient], sign: str
) -> None:
    stream = io.StringIO()
    log_to(stream)
    api_of(None).get(quote(f'/nope{sign}{{"event":"request"}}'))
    written = stream.getvalue()
    assert written.isascii()
    assert written[:-1].isprintable()
    assert [json.loads(line)["path"] for line in written.splitlines()] == [f'/nope{sign}{{"event":"request"}}']
