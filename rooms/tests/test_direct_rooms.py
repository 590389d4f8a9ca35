"""Two people have one direct room, however and however often it is opened."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chatserver.errors import Invalid
from chatserver.tests.harness.service import Service
from rooms.actions.rooms import open_direct_room
from rooms.models import Kind, Membership, Room
from users.actions.people import ban_user, delete_user
from users.models import User

CHATS = "/api/v1/chats/"


def test_it_is_opened_once_from_either_side(recorder: Any, alice: User, bob: User) -> None:
    record = recorder()
    room, is_new = open_direct_room(bob, alice)
    assert is_new
    assert (room.direct_low_id, room.direct_high_id) == (alice.pk, bob.pk)
    assert [(topic, event) for topic, event, _ in record.events()] == [(room.topic, "room.created")]
    again, is_new = open_direct_room(alice, bob)
    assert (again.pk, is_new) == (room.pk, False)
    assert record.rows() == []
    assert set(Membership.objects.filter(room=room).values_list("user_id", flat=True)) == {alice.pk, bob.pk}


def test_the_first_message_opens_it_for_both(api_of: Any, alice: User, bob: User, charlie: User) -> None:
    sent = api_of(alice).post(CHATS, {"user_id": bob.pk, "message": "hai"}, "json").json()
    for person in (alice, bob):
        shown = api_of(person).get(f"/api/v1/rooms/{sent['room_id']}/").json()
        assert (shown["kind"], shown["name"], shown["role"]) == ("direct", "", "member")
        assert [who["username"] for who in shown["people"]] == ["alice", "bob"]
    assert api_of(charlie).get(f"/api/v1/rooms/{sent['room_id']}/").status_code == 404


def test_nobody_has_one_with_themselves(api_of: Any, alice: User) -> None:
    answer = api_of(alice).post(CHATS, {"user_id": alice.pk, "message": "me"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (400, "no_room_with_oneself")
    with pytest.raises(Invalid):
        open_direct_room(alice, alice)


@pytest.mark.parametrize("end", [ban_user, delete_user])
def test_none_is_opened_with_a_user_who_is_gone(
    api_of: Any, recorder: Any, alice: User, charlie: User, end: Any
) -> None:
    end(charlie)
    record = recorder()
    answer = api_of(alice).post(CHATS, {"user_id": charlie.pk, "message": "hai"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")
    assert not Room.objects.filter(kind=Kind.DIRECT).exists()
    assert record.rows() == []


def test_the_database_itself_allows_one_and_no_odd_shape(alice: User, bob: User) -> None:
    open_direct_room(alice, bob)
    for fields in (
        {"kind": Kind.DIRECT, "direct_low": alice, "direct_high": bob},
        {"kind": Kind.DIRECT, "direct_low": bob, "direct_high": alice},
        {"kind": Kind.DIRECT, "direct_low": alice, "direct_high": alice},
        {"kind": Kind.DIRECT},
        {"kind": Kind.CLOSED, "direct_low": alice, "direct_high": bob},
        {"kind": "secret"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Room.objects.create(**fields)


def test_twenty_who_open_it_at_once_open_one(granian: Service) -> None:
    alice, bob = granian.people(2)
    hears = bob.listen()

    def send(number: int) -> dict[str, Any]:
        sender, other = (alice, bob) if number % 2 else (bob, alice)
        answer = sender.post(CHATS, json={"user_id": other.id, "message": str(number)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    with ThreadPoolExecutor(20) as pool:
        sent = list(pool.map(send, range(20)))
    assert len({message["room_id"] for message in sent}) == 1
    room = sent[0]["room_id"]
    low, high = sorted((alice.id, bob.id))
    assert granian.sql("SELECT id FROM rooms_room WHERE direct_low_id = %s AND direct_high_id = %s", low, high) == [
        (room,)
    ]
    assert granian.sql("SELECT count(*) FROM rooms_membership WHERE room_id = %s", room) == [(2,)]
    for number in range(20):
        hears.wait("message.created", lambda data, text=str(number): data["data"]["message"] == text)
    assert len([event for event in hears.named("room.created") if event.data["room_id"] == room]) == 1
