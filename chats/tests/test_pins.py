"""Messages are pinned by those whom the room lets do it, for everybody in it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chats.actions import pins
from chats.actions.messages import send_message
from chats.models import Message
from chatserver.tests.harness.service import Service
from rooms.actions.members import remove_member
from rooms.actions.rooms import archive_room, open_direct_room
from rooms.models import Membership, Room
from users.models import User


@pytest.fixture
def message(bob: User, closed: Room) -> Message:
    return send_message(bob, closed.pk, "the plan")[0]


def path_of(message: Message) -> str:
    return f"/api/v1/messages/{message.pk}/pin/"


def pinned(api: Any, room: Room) -> list[int]:
    return [message["id"] for message in api.get(f"/api/v1/rooms/{room.pk}/pins/").json()["results"]]


def test_an_owner_pins_and_unpins_a_message(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room, message: Message, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(10):
        assert api_of(alice).put(path_of(message)).status_code == 204
    assert api_of(alice).put(path_of(message)).status_code == 204
    with django_assert_num_queries(2):
        (shown,) = api_of(bob).get(f"/api/v1/rooms/{closed.pk}/pins/").json()["results"]
    assert (shown["id"], shown["pinned_by"], shown["version"]) == (message.pk, alice.pk, 2)
    assert shown["pinned_at"].endswith("Z")
    assert api_of(bob).get(f"/api/v1/rooms/{closed.pk}/messages/").json()["results"] == [shown]
    del shown["reactions"], shown["thread"]
    assert api_of(alice).delete(path_of(message)).status_code == 204
    assert api_of(alice).delete(path_of(message)).status_code == 204
    assert pinned(api_of(bob), closed) == []
    unpinned = shown | {"pinned_at": None, "pinned_by": None, "version": 3}
    told = (closed.topic, "message.updated")
    assert record.events() == [(*told, shown), (*told, unpinned)]


@pytest.mark.parametrize(("pinning", "status"), [("moderators", 403), ("everyone", 204)])
def test_members_pin_where_the_room_lets_them(
    api_of: Any, recorder: Any, bob: User, charlie: User, closed: Room, message: Message, pinning: str, status: int
) -> None:
    Room.objects.filter(pk=closed.pk).update(pinning=pinning)
    record = recorder()
    for method in ("put", "delete"):
        assert getattr(api_of(bob), method)(path_of(message)).status_code == status
        assert getattr(api_of(charlie), method)(path_of(message)).status_code == 404
    assert len(record.events()) == (2 if status == 204 else 0)


def test_both_people_of_a_direct_room_pin(api_of: Any, alice: User, bob: User) -> None:
    room, _ = open_direct_room(alice, bob)
    message = send_message(alice, room.pk, "the plan")[0]
    assert api_of(bob).put(path_of(message)).status_code == 204
    assert pinned(api_of(alice), room) == [message.pk]


def test_a_removed_message_is_unpinned_and_an_edited_one_is_not(
    api_of: Any, alice: User, bob: User, closed: Room, message: Message
) -> None:
    api_of(alice).put(path_of(message))
    edited = api_of(bob).patch(f"/api/v1/messages/{message.pk}/", {"message": "the new plan"}, "json").json()
    assert edited["pinned_by"] == alice.pk
    api_of(bob).delete(f"/api/v1/messages/{message.pk}/")
    assert pinned(api_of(bob), closed) == []
    answer = api_of(alice).put(path_of(message))
    assert (answer.status_code, answer.json()["code"]) == (409, "message_removed")


def test_nothing_is_pinned_in_an_archived_room_nor_by_those_who_left(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room, message: Message
) -> None:
    Room.objects.filter(pk=closed.pk).update(pinning="everyone")
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    remove_member(members.get(user=bob), members.get(user=bob))
    archive_room(members.get(user=alice))
    record = recorder()
    for method in ("put", "delete"):
        answer = getattr(api_of(alice), method)(path_of(message))
        assert (answer.status_code, answer.json()["code"]) == (403, "room_archived")
        answer = getattr(api_of(bob), method)(path_of(message))
        assert (answer.status_code, answer.json()["code"]) == (404, "message_not_found")
    assert api_of(bob).get(f"/api/v1/rooms/{closed.pk}/pins/").status_code == 404
    assert record.rows() == []


def test_pins_do_not_count_as_edits_and_have_an_end(
    api_of: Any, alice: User, bob: User, closed: Room, message: Message
) -> None:
    Message.objects.filter(pk=message.pk).update(version=pins.MAX_PINNED_VERSION - 1)
    assert api_of(alice).put(path_of(message)).status_code == 204
    assert api_of(alice).delete(path_of(message)).status_code == 204
    answer = api_of(alice).put(path_of(message))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_edits")
    assert api_of(bob).patch(f"/api/v1/messages/{message.pk}/", {"message": "still"}, "json").status_code == 200


def test_of_pins_at_the_same_moment_no_more_come_than_a_room_may_have(granian: Service) -> None:
    (alice,) = granian.people()
    room = alice.make_room()
    messages = [alice.send_text(str(number), room)["id"] for number in range(6)]
    granian.sql(
        "INSERT INTO chats_message (room_id, seq, sender_id, text, sent_at, pinned_at, pinned_by_id) "
        "SELECT %s, 100 + n, %s, 'x', now(), now(), %s FROM generate_series(1, 97) n RETURNING id",
        room, alice.id, alice.id,
    )  # fmt: skip
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(alice.put, f"/api/v1/messages/{message}/pin/") for message in messages]
        statuses = sorted(each.result().status_code for each in sent)
    assert statuses == [204, 204, 204, 409, 409, 409]
