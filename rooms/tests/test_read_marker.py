"""A read marker moves forward only, and is its owner's alone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chats.actions import send_message
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for
from rooms.actions import change_role, open_direct_room, remove_member
from rooms.models import Membership, Room
from users.models import User


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/read-marker/"


def read_seq(room: Room, user: User) -> int:
    return Membership.objects.get(room=room, user=user).read_seq


@pytest.fixture
def busy(alice: User, closed: Room) -> Room:
    """The closed room after three messages by alice."""
    for text in ("one", "two", "three"):
        send_message(alice, closed.pk, text)
    return closed


def test_it_moves_forward_and_counts_what_is_left(
    api_of: Any, recorder: Any, bob: User, busy: Room, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(7):
        answer = api_of(bob).put(url(busy), {"seq": 2}, "json")
    assert (answer.status_code, answer.json()) == (200, {"room_id": busy.pk, "seq": 2, "unread": 1})
    assert read_seq(busy, bob) == 2
    shown = api_of(bob).get(f"/api/v1/rooms/{busy.pk}/").json()
    assert (shown["read_seq"], shown["unread"]) == (2, 1)
    assert record.events() == [(f"user:{bob.pk}", "read.updated", {"room_id": busy.pk, "user_id": bob.pk, "seq": 2})]


@pytest.mark.parametrize("seq", [0, 1, 2])
def test_it_never_moves_back_and_emits_nothing(api_of: Any, recorder: Any, bob: User, busy: Room, seq: int) -> None:
    api_of(bob).put(url(busy), {"seq": 2}, "json")
    record = recorder()
    answer = api_of(bob).put(url(busy), {"seq": seq}, "json")
    assert (answer.status_code, answer.json()["seq"]) == (200, 2)
    assert read_seq(busy, bob) == 2
    assert record.rows() == []


@pytest.mark.parametrize("seq", [4, 2**63 - 1, 2**63, 10**20, -1, "x", None, [1], {"a": 1}, True, 1.5])
def test_what_nobody_can_have_read_is_400(api_of: Any, recorder: Any, bob: User, busy: Room, seq: Any) -> None:
    record = recorder()
    answer = api_of(bob).put(url(busy), {"seq": seq}, "json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "seq")
    assert read_seq(busy, bob) == 0
    assert record.rows() == []


def test_two_people_see_how_far_the_other_has_read(api_of: Any, recorder: Any, alice: User, bob: User) -> None:
    room, _ = open_direct_room(alice, bob)
    send_message(alice, room.pk, "hai")
    record = recorder()
    api_of(bob).put(url(room), {"seq": 1}, "json")
    assert [(topic, event) for topic, event, _ in record.events()] == [(room.topic, "read.updated")]


def test_the_sender_has_read_all_messages_before(api_of: Any, bob: User, busy: Room) -> None:
    send_message(bob, busy.pk, "four")
    assert read_seq(busy, bob) == 4
    assert api_of(bob).get(f"/api/v1/rooms/{busy.pk}/").json()["unread"] == 0


def test_unread_is_never_negative_beside_own_messages(granian: Service) -> None:
    """A message of one's own is committed while the marker waits for the lock of the membership."""
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    alice.send_text("one", room)
    holder = psycopg2.connect(granian.env["DATABASE_URL"])
    with ThreadPoolExecutor(1) as pool, closing(holder), holder.cursor() as sending:
        sending.execute("UPDATE rooms_room SET last_seq = 2 WHERE id = %s", [room])
        sending.execute("UPDATE rooms_membership SET read_seq = 2 WHERE room_id = %s AND user_id = %s", [room, bob.id])
        marker = pool.submit(bob.put, f"/api/v1/rooms/{room}/read-marker/", json={"seq": 1})
        wait_for(lambda: waits_for_a_lock(granian), what="the marker to wait")
        holder.commit()
        assert marker.result().json() == {"room_id": room, "seq": 2, "unread": 0}


def waits_for_a_lock(service: Service) -> bool:
    return bool(service.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'rooms_member'"))


def test_events_of_a_member_have_the_marker_of_now(
    api_of: Any, recorder: Any, alice: User, bob: User, busy: Room
) -> None:
    members = Membership.objects.select_related("room", "user").filter(room=busy)
    stale = members.get(user=bob)
    api_of(bob).put(url(busy), {"seq": 2}, "json")
    record = recorder()
    change_role(members.get(user=alice), stale, "moderator")
    remove_member(members.get(user=alice), stale)
    assert [body["read_seq"] for _, event, body in record.events() if event != "room.left"] == [2, 2]


def test_in_general_there_is_one_too(api_of: Any, alice: User, bob: User) -> None:
    general = Room.objects.get(pk=0)
    message, _ = send_message(alice, general.pk, "hello")
    assert api_of(bob).put(url(general), {"seq": message.seq}, "json").json()["unread"] == 0
