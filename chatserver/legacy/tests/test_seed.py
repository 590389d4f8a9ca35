"""The document of the old chat-service (seed 000): every example of it, literally.

Its ids are 1 to 5, in the order of the cast; here they are whatever the database gives. Where its two examples of
/users/online differ ("id" as a number and as a text), the text holds: it is what /login answers too.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client

from chats.actions.messages import send_message
from chatserver.storage.redis_client import redis_client
from rooms.actions.rooms import open_direct_room
from users import presence
from users.actions.people import create_user
from users.models import User


class Cast(NamedTuple):
    adam: User
    kyle: User
    taylor: User
    bob: User
    ed: User


@pytest.fixture
def cast(db: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """The five of the document, none with a password, as the old service had them."""
    settings.CHAT_PASSWORDLESS_LOGIN = True
    key = f"test:{uuid.uuid4().hex}"
    monkeypatch.setattr(presence, "KEY", key)
    yield Cast(*(create_user(name) for name in ("Adam", "Kyle", "Taylor", "Bob", "Ed")))
    redis_client().delete(key)


def ask(client: Client, method: str, path: str, body: Any = None) -> Any:
    """A request whose body is JSON, on GET as well."""
    text = "" if body is None else json.dumps(body)
    return client.generic(method, path, text, "application/json")


def log_in(user: User) -> Client:
    client = Client()
    assert ask(client, "GET", "/login", {"username": user.username}).status_code == 200
    return client


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/login", "/login/"])
def test_login(cast: Cast, method: str, path: str) -> None:
    client = Client()
    answer = ask(client, method, path, {"username": "Adam"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {"id": str(cast.adam.pk), "username": "Adam"}
    assert ask(client, "GET", "/me").json() == {"id": str(cast.adam.pk), "username": "Adam"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/logout", "/logout/"])
def test_logout(cast: Cast, method: str, path: str) -> None:
    client = log_in(cast.bob)
    answer = ask(client, method, path, {"username": "Bob"})
    assert answer.status_code == 200
    assert answer.json() == {"message": f"User {cast.bob.pk} has been logged out"}
    assert ask(client, "GET", "/me").json() is None


@pytest.mark.parametrize("path", ["/users/online", "/users/online/"])
def test_users_online(cast: Cast, path: str) -> None:
    online = (cast.adam, cast.kyle, cast.taylor)
    for user in online:
        presence.open_streams([(user.pk, uuid.uuid4().hex)])
    answer = ask(log_in(cast.adam), "GET", path)
    assert answer.status_code == 200
    assert answer.json() == {
        str(user.pk): {"id": str(user.pk), "online": True, "username": user.username} for user in online
    }


@pytest.mark.parametrize("path", ["/rooms/{}", "/rooms/{}/"])
def test_rooms(cast: Cast, path: str) -> None:
    for other in (cast.kyle, cast.taylor):
        room, _ = open_direct_room(cast.adam, other)
        send_message(other, room.pk, "hai")
    answer = ask(log_in(cast.adam), "GET", path.format(cast.adam.pk))
    assert answer.status_code == 200
    assert answer.json() == [
        {"id": f"{cast.adam.pk}:{cast.taylor.pk}", "names": [["Adam"], ["Taylor"]]},
        {"id": f"{cast.adam.pk}:{cast.kyle.pk}", "names": [["Adam"], ["Kyle"]]},
        {"id": "0", "names": ["General"]},
    ]


def test_me(cast: Cast) -> None:
    assert ask(log_in(cast.ed), "GET", "/me").json() == {"id": str(cast.ed.pk), "username": "Ed"}
    nobody = ask(Client(), "GET", "/me")
    assert (nobody.status_code, nobody.content) == (200, b"null")
