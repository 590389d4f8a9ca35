"""The line of a request: one line whatever was asked for, and never a reason for another answer."""

import base64
import errno
import io
import json
import logging
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
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


def test_a_line_has_the_address_of_the_client_and_a_bound(
    log_to: Callable[[io.StringIO], None], api_of: Callable[[None], APIClient], settings: Any
) -> None:
    settings.CHAT_NUM_PROXIES = 1
    stream = io.StringIO()
    log_to(stream)
    client = api_of(None)
    client.get("/nope", headers={"X-Forwarded-For": "10.9.9.9, 192.0.2.7"})
    client.get(f"/{'é' * 60_000}", headers={"X-Forwarded-For": "x" * 60_000, "X-Request-ID": "x" * 60_000})
    client.generic("X" * 60_000, "/nope")
    short, long, odd = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (short["address"], short["path"]) == ("192.0.2.7", "/nope")
    assert long["path"].endswith("… (60001 characters)")
    assert len(long["request_id"]) == 32
    assert odd["method"].endswith("… (60000 characters)")
    assert max(len(line) for line in stream.getvalue().splitlines()) < 8_000


@pytest.mark.parametrize(
    ("username", "password", "told"),
    [
        ("ALICE", "wrong", {"failed_sign_in": "alice"}),
        ("alice", "x" * 900, {"failed_sign_in": "alice"}),
        # Somebody who types the password into the wrong field.
        ("correct horse battery", "alice", {"failed_sign_in": None}),
        ("alice", "correct horse battery", {}),
    ],
)
def test_a_failed_sign_in_tells_whose_it_was_and_not_what_was_typed(
    log_to: Callable[[io.StringIO], None], alice: User, username: str, password: str, told: dict[str, Any]
) -> None:
    stream = io.StringIO()
    log_to(stream)
    client = Client()
    body = {"username": username, "password": password}
    client.post("/api/v1/tokens/", body, content_type="application/json")
    client.post("/login", body, content_type="application/json")
    client.post("/admin/login/", body)
    basic = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
    client.get("/api/v1/users/me/", headers={"Authorization": basic})
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    # Alice is no staff: the form of the admin refuses the right password, too.
    right = {"failed_sign_in": "alice"} if told == {} else told
    expected = [told, told, right, told]
    assert [{key: value for key, value in line.items() if key == "failed_sign_in"} for line in lines] == expected
    assert "correct horse battery" not in stream.getvalue()


def test_a_login_by_name_alone_that_fails_tells_whose_it_was(
    log_to: Callable[[io.StringIO], None], alice: User, settings: Any
) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True
    stream = io.StringIO()
    log_to(stream)
    for name in ("alice", "my pass word"):
        Client().post("/login", {"username": name}, content_type="application/json")
    assert [json.loads(line)["failed_sign_in"] for line in stream.getvalue().splitlines()] == ["alice", None]
