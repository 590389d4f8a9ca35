"""Who has read a message: those whose markers are there, and nobody who joined later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chats.access import readers
from chats.actions.messages import send_message
from chats.models import Message
from rooms.models import Membership, Room
from users.models import User

Read = Callable[[User, int], None]


@pytest.fixture
def message(alice: User, closed: Room) -> Message:
    return send_message(alice, closed.pk, "hello")[0]


@pytest.fixture
def read(api_of: Any, closed: Room) -> Read:
    """Have somebody read the room up to a seq."""

    def put(person: User, seq: int) -> None:
        assert api_of(person).put(f"/api/v1/rooms/{closed.pk}/read-marker/", {"seq": seq}, "json").status_code == 200

    return put


def path_of(message_id: int) -> str:
    return f"/api/v1/messages/{message_id}/readers/"


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [person["id"] for person in answer.json()["results"]]


def test_those_who_read_it_are_told_and_its_sender_is_not(
    api_of: Any, alice: User, bob: User, message: Message, read: Read, django_assert_num_queries: Any
) -> None:
    assert ids(api_of(alice).get(path_of(message.pk))) == []
    read(bob, message.seq)
    with django_assert_num_queries(2):
        answer = api_of(alice).get(path_of(message.pk))
    assert ids(answer) == [bob.pk]
    assert answer.json()["results"][0]["username"] == "bob"
    again = api_of(bob).put(f"/api/v1/rooms/{message.room_id}/read-marker/", {"unread_from": message.pk}, "json")
    assert again.status_code == 200
    # Only bob's own devices are told of that.
    assert ids(api_of(alice).get(path_of(message.pk))) == [bob.pk]


def test_who_joined_later_or_has_left_is_not_among_them(
    api_of: Any, alice: User, bob: User, charlie: User, message: Message, read: Read
) -> None:
    read(bob, message.seq)
    Membership.objects.create(
        room=message.room, user=charlie, read_seq=message.seq, joined_at=timezone.now() + timedelta(seconds=1)
    )
    assert ids(api_of(charlie).get(path_of(message.pk))) == [bob.pk]
    assert api_of(bob).delete(f"/api/v1/rooms/{message.room_id}/members/{bob.pk}/").status_code == 204
    assert ids(api_of(alice).get(path_of(message.pk))) == []


def test_a_reply_is_read_in_its_thread(api_of: Any, alice: User, bob: User, message: Message, read: Read) -> None:
    body = {"room_id": message.room_id, "message": "a reply", "parent_id": message.pk}
    reply = api_of(bob).post("/api/v1/chats/", body, "json").json()
    assert ids(api_of(alice).get(path_of(reply["id"]))) == []
    marker = f"/api/v1/messages/{message.pk}/thread-read-marker/"
    assert api_of(alice).put(marker, {"seq": 1}, "json").status_code == 200
    assert ids(api_of(bob).get(path_of(reply["id"]))) == [alice.pk]


def test_an_outsider_finds_no_message(api_of: Any, charlie: User, message: Message) -> None:
    refused = api_of(charlie).get(path_of(message.pk))
    assert (refused.status_code, refused.json()["code"]) == (404, "message_not_found")


def test_large_rooms_do_not_tell(
    api_of: Any, alice: User, bob: User, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MAX_MEMBERS_OF_READ_ROOM", 2)
    assert ids(api_of(alice).get(path_of(message.pk))) == []
    monkeypatch.setattr(readers, "MAX_MEMBERS_OF_READ_ROOM", 1)
    refused = api_of(alice).get(path_of(message.pk))
    assert (refused.status_code, refused.json()["code"]) == (403, "too_many_members")
