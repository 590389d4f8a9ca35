"""The document of the old ChatServer (seed 004): every example of it, literally."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from chats.actions.messages import send_message
from chats.models import Message
from chatserver.tests.harness.answers import emitted
from rooms.actions.rooms import open_direct_room
from users.models import User

Api = Callable[[User | None], APIClient]

# The seconds of the example, oldest first; it shows messages 3 to 12 of 13.
TIMES = ["09:12:40", "09:12:43", "09:12:46", "09:12:50", "09:12:55", "09:13:00", "09:13:06", "09:13:10", "09:13:17"]
TIMES += ["09:13:21", "09:13:26", "09:13:34", "09:13:40"]


@pytest.fixture
def thirteen(alice: User, bob: User) -> None:
    """Bob has sent alice "hai 0" to "hai 12"; she has answered, and that is not to be in her list."""
    room, _ = open_direct_room(bob, alice)
    for number, time in enumerate(TIMES):
        message, _ = send_message(bob, room.pk, f"hai {number}")
        sent_at = datetime.fromisoformat(f"2015-12-25T{time}.700000").replace(tzinfo=UTC)
        Message.objects.filter(pk=message.pk).update(sent_at=sent_at)
    send_message(alice, room.pk, "hai yourself")


@pytest.mark.parametrize("path", ["/api/v1/chats", "/api/v1/chats/"])
def test_get_chats(thirteen: None, alice: User, bob: User, api_of: Api, path: str) -> None:
    answer = api_of(alice).get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["meta", "messages"]
    assert body["meta"] == {"count": 13, "next": 2, "current_page": "1", "took": 10, "previous": None}
    expected = [
        {
            "sent_by": bob.pk,
            "message": f"hai {number}",
            "sent_at": f"2015-12-25T{TIMES[number]}Z",
            "received_by": alice.pk,
        }
        for number in range(12, 2, -1)
    ]
    shown = [{key: message[key] for key in expected[0]} for message in body["messages"]]
    assert shown == expected


def test_the_next_page_of_chats(thirteen: None, alice: User, api_of: Api) -> None:
    body = api_of(alice).get("/api/v1/chats", {"page": 2}).json()
    assert body["meta"] == {"count": 13, "next": None, "current_page": "2", "took": 3, "previous": 1}
    assert [message["message"] for message in body["messages"]] == ["hai 2", "hai 1", "hai 0"]


def test_nobody_else_has_them(thirteen: None, bob: User, charlie: User, api_of: Api) -> None:
    empty = {"count": 0, "next": None, "current_page": "1", "took": 0, "previous": None}
    assert api_of(charlie).get("/api/v1/chats").json() == {"meta": empty, "messages": []}
    assert [m["message"] for m in api_of(bob).get("/api/v1/chats").json()["messages"]] == ["hai yourself"]
    assert api_of(None).get("/api/v1/chats").status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/chats", "/api/v1/chats/"])
def test_post_chats(alice: User, bob: User, charlie: User, api_of: Api, path: str) -> None:
    answer = api_of(bob).post(path, {"user_id": alice.pk, "message": "xxxxx"}, format="json")
    assert answer.status_code == 201
    sent = {"sent_by": bob.pk, "received_by": alice.pk, "message": "xxxxx"}
    assert sent.items() <= answer.json().items()
    (stored,) = Message.objects.all()
    assert (stored.sender_id, stored.recipient_id, stored.text) == (bob.pk, alice.pk, "xxxxx")
    assert emitted("message.created") == [answer.json()]
    assert [m["id"] for m in api_of(alice).get(path).json()["messages"]] == [stored.pk]
    assert api_of(charlie).get(path).json()["messages"] == []


@pytest.mark.parametrize("path", ["/api/v1/users/?user_id={}", "/api/v1/users?user_id={}"])
def test_get_users(alice: User, bob: User, api_of: Api, path: str) -> None:
    User.objects.filter(pk=bob.pk).update(
        username="xxxx",
        email="yyyyy@yyyy.yyy",
        date_joined=datetime(2015, 12, 25, 8, 13, 51, 5, UTC),
        last_seen_at=datetime(2015, 12, 25, 8, 14, 40, 5, UTC),
    )
    shown = api_of(User.objects.get(pk=bob.pk)).get(path.format(bob.pk)).json()
    expected = {
        "id": bob.pk,
        "username": "xxxx",
        "email": "yyyyy@yyyy.yyy",
        "date_joined": "2015-12-25T08:13:51Z",
        "last_seen_at": "2015-12-25T08:14:40Z",
    }
    assert {key: shown[key] for key in expected} == expected
    assert api_of(alice).get(path.format(bob.pk)).json()["email"] is None


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/users/"])
def test_post_users(db: Any, api_of: Api, path: str) -> None:
    """The example's password, "zzzzz", is one that no validator of today lets through."""
    body = {"username": "xxxx", "email": "yyyyy@yyy.yy", "password": "zzzzz zzzzz"}
    answer = api_of(None).post(path, body, format="json")
    assert answer.status_code == 201
    assert {"username": "xxxx", "email": "yyyyy@yyy.yy"}.items() <= answer.json().items()
    assert User.objects.get(username="xxxx").check_password("zzzzz zzzzz")


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/users/"])
def test_delete_users(alice: User, bob: User, api_of: Api, path: str) -> None:
    assert api_of(alice).delete(path).status_code == 204
    assert list(User.objects.get_queryset().present()) == [bob]
