"""Typing is announced to those in the room, and kept nowhere."""

import time
from typing import Any

from django.utils import timezone

from chatserver.tests.harness.service import Client, Service
from rooms.models import Room
from rooms.typing_pauses import TYPING_SECONDS
from users.models import User


def test_members_say_that_they_type_and_outsiders_can_not(
    api_of: Any, recorder: Any, bob: User, charlie: User, closed: Room, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(1):
        assert api_of(bob).post(f"/api/v1/rooms/{closed.pk}/typing/").status_code == 204
    assert api_of(charlie).post(f"/api/v1/rooms/{closed.pk}/typing/").status_code == 404
    assert record.rows() == []


def test_nobody_types_in_an_archived_room(api_of: Any, bob: User, closed: Room) -> None:
    Room.objects.filter(pk=closed.pk).update(archived_at=timezone.now())
    answer = api_of(bob).post(f"/api/v1/rooms/{closed.pk}/typing/")
    assert answer.status_code == 403
    assert answer.json()["code"] == "room_archived"


def test_it_reaches_the_room_without_an_id_and_nobody_else(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    room = alice.make_room(bob)
    hears, stranger = bob.listen(), charlie.listen()
    before = hears.last_event_id
    assert alice.post(f"/api/v1/rooms/{room}/typing/").status_code == 204
    event = hears.wait("typing.started", lambda data: data["room_id"] == room)
    assert event.data["data"] == {"room_id": room, "user_id": alice.id}
    assert "position" not in event.data
    assert int(event.id or "") >= int(before or "")
    after = alice.send_text("said")
    stranger.wait("message.created", lambda data: data["data"]["id"] == after["id"])
    assert stranger.named("typing.started") == []


def test_it_is_announced_once_in_a_while_for_each_room_and_person(granian: Service) -> None:
    alice, bob = granian.people(2)
    room, other = alice.make_room(bob), alice.make_room(bob)
    hears = bob.listen()

    def type_in(person: Client, room_id: int) -> None:
        assert person.post(f"/api/v1/rooms/{room_id}/typing/").status_code == 204

    def heard() -> list[tuple[int, int]]:
        marker = alice.send_text("so far", room)
        hears.wait("message.created", lambda data: data["data"]["id"] == marker["id"])
        return [(event.data["room_id"], event.data["data"]["user_id"]) for event in hears.named("typing.started")]

    for _ in range(5):
        type_in(alice, room)
    type_in(alice, other)
    type_in(bob, room)
    expected = [(room, alice.id), (other, alice.id), (room, bob.id)]
    assert sorted(heard()) == sorted(expected)
    time.sleep(TYPING_SECONDS + 0.2)
    type_in(alice, room)
    assert sorted(heard()) == sorted([*expected, (room, alice.id)])
