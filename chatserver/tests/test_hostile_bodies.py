"""JSON that hurts: in every body of the API it is a 400 that changes nothing, never a 500."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from chats.models import Message
from chatserver.events.models import Outbox
from chatserver.tests.harness.answers import assert_problem
from rooms.models import Room
from users.actions.credentials import issue_token
from users.models import User

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half": b'{"a":',
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "two": b"{}{}",
    "a comment": b"{/**/}",
    "single quotes": b"{'a':1}",
    "NaN": b'{"a":NaN}',
    "a lone surrogate": b'{"a":"\\ud800"}',
    "a lone surrogate as a key": b'{"\\udc00":1}',
    "invalid utf-8": b'{"a":"\xff"}',
    "overlong utf-8": b'{"a":"\xc0\x80"}',
    "a raw surrogate": b'{"a":"\xed\xa0\x80"}',
    "a raw newline": b'{"a":"\n"}',
    "utf-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a huge number": b'{"a":' + b"9" * 5000 + b"}",
    "infinity": b'{"a":1e999}',
    "NUL": b"\0" * 100,
}
ENDPOINTS = [
    ("POST", "/api/v1/users/"),
    ("PUT", "/api/v1/users/me/password/"),
    ("POST", "/api/v1/tokens/"),
    ("POST", "/api/v1/chats/"),
    ("POST", "/api/v1/rooms/"),
    ("PUT", "/api/v1/rooms/0/read-marker/"),
]
# Each with every other field as it should be.
FIELDS = [
    ("POST", "/api/v1/users/", {"username": "zoe", "email": "z@example.com", "password": "correct horse"}),
    (
        "PATCH",
        "/api/v1/users/me/",
        {"display_name": "Al", "avatar_url": "https://example.com/", "email": "z@example.com"},
    ),
    ("PUT", "/api/v1/users/me/password/", {"current_password": "correct horse battery", "new_password": "x9-y8-z7-w6"}),
    ("POST", "/api/v1/tokens/", {"username": "alice", "password": "correct horse battery"}),
    ("POST", "/api/v1/chats/", {"room_id": 0, "message": "hai", "client_message_id": "1"}),
    ("POST", "/api/v1/rooms/", {"name": "a room", "kind": "closed"}),
]
VALUES: dict[str, Any] = {
    "NUL": "a\0b",
    "a list": ["a"],
    "an object": {"$gt": ""},
    "a deep list": [[[[[["a"]]]]]],
    "a long text": "x" * 100_000,
}


@pytest.fixture
def client(alice: User) -> APIClient:
    secret, _ = issue_token(alice)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


def state() -> tuple[Any, ...]:
    people = list(User.objects.order_by("pk").values_list("username", "display_name", "password", "email"))
    return people, Message.objects.count(), Room.objects.count(), Outbox.objects.count()


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_an_invalid_body_is_400(client: APIClient, method: str, path: str, body: str) -> None:
    before = state()
    assert_problem(client.generic(method, path, BODIES[body], "application/json"), 400)
    assert state() == before


CASES = [(method, path, body, field) for method, path, body in FIELDS for field in body]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("method", "path", "body", "field"), CASES)
def test_an_invalid_value_is_400(
    client: APIClient, method: str, path: str, body: dict[str, Any], field: str, value: str
) -> None:
    before = state()
    text = json.dumps(body | {field: VALUES[value]})
    assert_problem(client.generic(method, path, text, "application/json"), 400)
    assert state() == before


@pytest.mark.parametrize(("method", "path", "body"), FIELDS)
def test_the_same_body_without_it_is_fine(client: APIClient, method: str, path: str, body: dict[str, Any]) -> None:
    answer = client.generic(method, path, json.dumps(body), "application/json")
    assert 200 <= answer.status_code < 300


@pytest.mark.parametrize("number", [-1, 2**31, 2**63 - 1, 2**63, 10**20, 1.5, True, "x", "٣", None, [], {}])
def test_an_id_that_is_nobodys_is_400_or_404(client: APIClient, number: Any) -> None:
    before = state()
    for field in ("user_id", "room_id"):
        answer = client.post("/api/v1/chats/", {field: number, "message": "hai"}, format="json")
        assert answer.status_code in {400, 404}, (field, answer.content)
        assert_problem(answer, answer.status_code)
    assert state() == before
