"""A read marker moves forward only, and is its owner's alone."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chats.actions.messages import send_message
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for
from rooms.actions.members import change_role, remove_member
from rooms.actions.rooms import archive_room, create_room, open_direct_room
from rooms.models import Kind, Membership, Room
from users.models import User


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/read-marker/"


def read_seq(room: Room, user: User) -> int:
    return Membership.objects.get(room=room, user=user).read_seq


def marker_of(room: Room, user: User, seq: int, *, is_back: bool = False) -> dict[str, Any]:
    return {"room_id": room.pk, "user_id": user.pk, "seq": seq, "read_main_seq": seq, "is_back": is_back}


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
    assert (answer.status_code, answer.json()) == (200, {"room_id": busy.pk, "seq": 2, "read_main_seq": 2, "unread": 1})
    assert read_seq(busy, bob) == 2
    shown = api_of(bob).get(f"/api/v1/rooms/{busy.pk}/").json()
    assert (shown["main_seq"], shown["read_seq"], shown["read_main_seq"], shown["unread"]) == (3, 2, 2, 1)
    assert record.events() == [(f"user:{bob.pk}", "read.updated", marker_of(busy, bob, 2))]


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


@pytest.mark.parametrize("is_direct", [True, False])
def test_what_one_marks_as_unread_others_still_see_as_read(
    api_of: Any, alice: User, bob: User, busy: Room, is_direct: bool
) -> None:
    room = open_direct_room(alice, bob)[0] if is_direct else busy
    first, last = send_message(alice, room.pk, "one")[0], send_message(alice, room.pk, "two")[0]
    assert api_of(bob).put(url(room), {"seq": last.seq}, "json").status_code == 200
    for message in (last, first):
        assert api_of(bob).put(url(room), {"unread_from": message.pk}, "json").json()["seq"] == message.seq - 1
        shown = api_of(alice).get(f"/api/v1/rooms/{room.pk}/members/{bob.pk}/").json()
        assert shown["read_seq"] == last.seq
        assert api_of(bob).get(f"/api/v1/rooms/{room.pk}/").json()["read_seq"] == message.seq - 1
    newest = send_message(bob, room.pk, "three")[0]
    assert api_of(alice).get(f"/api/v1/rooms/{room.pk}/members/{bob.pk}/").json()["read_seq"] == newest.seq


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
        wait_for(lambda: granian.waits_for_lock("rooms_membership"), what="the marker to wait")
        holder.commit()
        assert marker.result().json() == {"room_id": room, "seq": 2, "read_main_seq": 2, "unread": 0}


def test_events_of_a_member_have_the_marker_of_now(
    api_of: Any, recorder: Any, alice: User, bob: User, busy: Room
) -> None:
    members = Membership.objects.select_related("room", "user").filter(room=busy)
    stale = members.get(user=bob)
    api_of(bob).put(url(busy), {"seq": 2}, "json")
    record = recorder()
    change_role(members.get(user=alice), stale, "moderator")
    remove_member(members.get(user=alice), stale)
    assert [body["read_seq"] for _, event, body in record.events() if event.startswith("member.")] == [2, 2]


def test_in_general_there_is_one_too(api_of: Any, alice: User, bob: User) -> None:
    general = Room.objects.get(pk=0)
    message, _ = send_message(alice, general.pk, "hello")
    assert api_of(bob).put(url(general), {"seq": message.seq}, "json").json()["unread"] == 0


def test_a_message_is_marked_as_unread_and_only_oneself_hears_it(
    api_of: Any, recorder: Any, alice: User, bob: User
) -> None:
    room, _ = open_direct_room(alice, bob)
    messages = [send_message(alice, room.pk, text)[0] for text in ("one", "two", "three")]
    api_of(bob).put(url(room), {"seq": 3}, "json")
    record = recorder()
    for message, unread in ((messages[1], 2), (messages[1], 2), (messages[2], 1)):
        answer = api_of(bob).put(url(room), {"unread_from": message.pk}, "json")
        assert (answer.status_code, answer.json()["unread"]) == (200, unread)
    assert record.events() == [
        (f"user:{bob.pk}", "read.updated", marker_of(room, bob, 1, is_back=True)),
        (room.topic, "read.updated", marker_of(room, bob, 2)),
    ]
    assert api_of(bob).get("/api/v1/unread/").json()["rooms"] == [{"room_id": room.pk, "unread": 1, "mentions": 0}]


def test_what_is_not_in_the_room_can_not_be_marked(api_of: Any, recorder: Any, bob: User, busy: Room) -> None:
    other = send_message(bob, create_room(bob, [], name="other", kind=Kind.CLOSED).pk, "hello")[0]
    record = recorder()
    for body, status in (
        ({"unread_from": other.pk}, 404),
        ({"unread_from": 2**62}, 404),
        ({"unread_from": "x"}, 400),
        ({}, 400),
        ({"unread_from": None}, 400),
        ({"unread_from": other.pk, "seq": 1}, 400),
    ):
        assert api_of(bob).put(url(busy), body, "json").status_code == status, body
    assert record.rows() == []


def test_all_rooms_are_marked_as_read_at_once(
    api_of: Any, recorder: Any, alice: User, bob: User, busy: Room, django_assert_num_queries: Any
) -> None:
    direct, _ = open_direct_room(alice, bob)
    send_message(alice, direct.pk, "hai")
    with django_assert_num_queries(3):
        unread = api_of(bob).get("/api/v1/unread/").json()
    assert unread == {
        "rooms": [
            {"room_id": busy.pk, "unread": 3, "mentions": 0},
            {"room_id": direct.pk, "unread": 1, "mentions": 0},
        ],
        "total": 4,
        "mentions": 0,
        "threads": 0,
    }
    record = recorder()
    # As many for 100 rooms as for one: lock, read the rooms, move, emit; and find those that others had locked.
    with django_assert_num_queries(7):
        assert api_of(bob).put("/api/v1/read-marker/").status_code == 204
    assert api_of(bob).put("/api/v1/read-marker/").status_code == 204
    rows = record.rows()
    assert [(row.room_id, row.topic, row.type, json.loads(row.body)) for row in rows] == [
        (busy.pk, f"user:{bob.pk}", "read.updated", marker_of(busy, bob, 3)),
        (direct.pk, direct.topic, "read.updated", marker_of(direct, bob, 1)),
    ]
    assert api_of(bob).get("/api/v1/unread/").json() == unread | {"rooms": [], "total": 0}


def test_an_archived_room_is_no_longer_counted(api_of: Any, alice: User, bob: User, busy: Room) -> None:
    archive_room(Membership.objects.select_related("room", "user").get(room=busy, user=alice))
    assert api_of(bob).get("/api/v1/unread/").json()["total"] == 0


def test_markers_move_at_the_same_moment_as_posts(granian: Service) -> None:
    alice, bob = granian.people(2)
    rooms = [alice.make_room(bob) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        posts = [pool.submit(bob.send_text, "hai", room) for room in rooms * 5]
        marks = [pool.submit(bob.put, "/api/v1/read-marker/") for _ in range(5)]
        assert [mark.result().status_code for mark in marks] == [204] * 5
        assert all(post.result()["id"] for post in posts)
    assert bob.get("/api/v1/unread/").json()["total"] == 0
