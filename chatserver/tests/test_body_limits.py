"""Each route reads bodies as large as the largest valid one, and no larger."""

import json
from typing import Any

import pytest

from chats.models import MAX_CLIENT_ID, MAX_TEXT
from chatserver.http.body_limits import ADMIN_BODY_BYTES, DEFAULT_BODY_BYTES, BodyLimits
from chatserver.tests.harness.service import Service
from rooms.models import MAX_DESCRIPTION, MAX_NAME

EMOJI = "\U0001f600"


def longest(**body: Any) -> bytes:
    """In the most verbose escaping, and with spaces."""
    return json.dumps(body, indent=4).encode()


def test_the_longest_valid_bodies_are_read(granian: Service) -> None:
    alice, bob = granian.people(2)
    headers = {"Content-Type": "application/json"}
    bodies = {
        "chats/": longest(room_id=0, message=EMOJI * MAX_TEXT, client_message_id=EMOJI * MAX_CLIENT_ID),
        "rooms/": longest(name=EMOJI * MAX_NAME, description=EMOJI * MAX_DESCRIPTION, members=[bob.id] * 200),
        "users/": longest(username=f"n{alice.id}", password=EMOJI * 1000, email=f"a@{'b' * 60}.example.com"),
    }
    for path, body in bodies.items():
        answer = alice.post(f"/api/v1/{path}", content=body, headers=headers)
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", ["rooms/", "tokens/", "users/", "chats/", "rooms/0/typing/", "nowhere/"])
def test_larger_ones_are_not(granian: Service, path: str) -> None:
    (alice,) = granian.people()
    limit = BodyLimits().of("POST", f"/api/v1/{path}")
    for body in (b" " * (limit + 1), (b" " * 1000 for _ in range(limit // 1000 + 1))):
        assert_problem_of(alice.post(f"/api/v1/{path}", content=body), limit)


def assert_problem_of(answer: Any, limit: int) -> None:
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert str(limit) in answer.json()["detail"]


def test_what_says_nothing_of_itself_has_the_default() -> None:
    limits = BodyLimits()
    assert limits.of("POST", "/api/v1/chats/") > limits.of("POST", "/api/v1/tickets/") == DEFAULT_BODY_BYTES
    assert limits.of("POST", "/room/1:2/messages") > DEFAULT_BODY_BYTES
    assert limits.of("GET", "/api/v1/chats/") == limits.of("POST", "/api/v1/chats/9") == DEFAULT_BODY_BYTES
    assert limits.of("POST", "/admin/login/") == ADMIN_BODY_BYTES
