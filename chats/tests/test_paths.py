"""Every path answers with and without its trailing slash, for every method."""

from typing import Any

import pytest

from chats.urls import router as chats
from chatserver.http.routers import ChatRouter
from chatserver.tests.harness.service import Client, Service
from rooms.models import Kind, Room
from rooms.urls import router as rooms
from users.models import User

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
PATHS = [
    "/api/v1/rooms/{room}/join-requests",
    "/api/v1/rooms/{room}/join-requests/{user}",
    "/api/v1/invitations",
    "/api/v1/invitations/{invitation}",
    "/api/v1/invitations/{invitation}/accept",
    "/api/v1/rooms/{room}/invitations",
    "/api/v1/blocks",
    "/api/v1/blocks/{user}",
    "/api/v1/chats",
    "/api/v1/rooms",
    "/api/v1/rooms/{room}",
    "/api/v1/rooms/{room}/members",
    "/api/v1/rooms/{room}/members/{user}",
    "/api/v1/rooms/{room}/messages",
    "/api/v1/rooms/{room}/me",
    "/api/v1/rooms/{room}/read-marker",
    "/api/v1/rooms/{room}/typing",
    "/api/v1/read-marker",
    "/api/v1/sync",
    "/api/v1/unread",
    "/api/v1/messages/{message}",
    "/api/v1/messages/{message}/pin",
    "/api/v1/rooms/{room}/pins",
    "/api/v1/messages/{message}/edits",
    "/api/v1/messages/{message}/reactions",
    "/api/v1/messages/{message}/reactions/:shipit:",
    "/api/v1/messages/{message}/readers",
    "/api/v1/messages/{message}/replies",
    "/api/v1/messages/{message}/follow",
    "/api/v1/messages/{message}/thread-read-marker",
    "/api/v1/threads",
    "/api/v1/events",
]
ALLOWED = {
    "/api/v1/rooms/{room}/join-requests": {"get", "post"},
    "/api/v1/rooms/{room}/join-requests/{user}": {"delete"},
    "/api/v1/invitations": {"get"},
    "/api/v1/invitations/{invitation}": {"get", "delete"},
    "/api/v1/invitations/{invitation}/accept": {"post"},
    "/api/v1/rooms/{room}/invitations": {"get", "post"},
    "/api/v1/blocks": {"get"},
    "/api/v1/blocks/{user}": {"put", "delete"},
    "/api/v1/chats": {"get", "post"},
    "/api/v1/rooms": {"get", "post"},
    "/api/v1/rooms/{room}": {"get", "patch", "delete"},
    "/api/v1/rooms/{room}/members": {"get", "post"},
    "/api/v1/rooms/{room}/members/{user}": {"get", "patch", "delete"},
    "/api/v1/rooms/{room}/messages": {"get"},
    "/api/v1/rooms/{room}/me": {"get", "patch"},
    "/api/v1/rooms/{room}/read-marker": {"put"},
    "/api/v1/rooms/{room}/typing": {"post", "delete"},
    "/api/v1/read-marker": {"put"},
    "/api/v1/sync": {"get"},
    "/api/v1/unread": {"get"},
    "/api/v1/messages/{message}": {"get", "patch", "delete"},
    "/api/v1/messages/{message}/pin": {"put", "delete"},
    "/api/v1/rooms/{room}/pins": {"get"},
    "/api/v1/messages/{message}/edits": {"get"},
    "/api/v1/messages/{message}/reactions": {"get"},
    "/api/v1/messages/{message}/reactions/:shipit:": {"put", "delete"},
    "/api/v1/messages/{message}/readers": {"get"},
    "/api/v1/messages/{message}/replies": {"get"},
    "/api/v1/messages/{message}/follow": {"get", "put", "delete"},
    "/api/v1/messages/{message}/thread-read-marker": {"put"},
    "/api/v1/threads": {"get"},
    "/api/v1/events": {"get"},
}


def test_these_are_all_paths_of_rooms_and_messages() -> None:
    assert isinstance(chats, ChatRouter)
    assert isinstance(rooms, ChatRouter)
    assert len({str(url.pattern) for url in chats.urls + rooms.urls}) == len(PATHS)


@pytest.fixture(scope="module")
def somebody(granian: Service) -> Client:
    return granian.people()[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PATHS)
def test_a_path_answers_the_same_with_and_without_its_slash(somebody: Client, path: str, method: str) -> None:
    room = somebody.make_room()
    url = path.format(room=room, user=somebody.id, message=somebody.send_text("hello", room)["id"], invitation=1)
    answers = [somebody.request(method.upper(), url + slash, json=None) for slash in ("", "/")]
    allowed = ALLOWED[path] | {"options"} | ({"head"} if "get" in ALLOWED[path] else set())
    for answer in answers:
        assert answer.status_code not in {301, 302, 307, 308, 500}
        assert (answer.status_code != 405) == (method in allowed), answer.text
        assert answer.headers["x-request-id"]
        if answer.status_code == 405:
            assert {name.strip().lower() for name in answer.headers["allow"].split(",")} == allowed
            assert answer.headers["content-type"] == "application/problem+json"
    if method != "delete":
        assert answers[0].status_code == answers[1].status_code


@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_401_with_a_way_to_come(api_of: Any, alice: User, path: str) -> None:
    room = Room.objects.create(kind=Kind.OPEN, name="open")
    for method in ("get", "post", "put", "patch", "delete"):
        answer = getattr(api_of(None), method)(path.format(room=room.pk, user=alice.pk, message=1, invitation=1))
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["Content-Type"] == "application/problem+json"
