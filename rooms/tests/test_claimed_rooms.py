"""The rooms that a token claims for its person: entered, made if not there, and never against what happened since."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms.actions.changes import archive_locked_room
from rooms.actions.external_rooms import MAX_CLAIMED_ROOMS, enter_claimed_rooms, put_room
from rooms.actions.members import forget_leavers, remove_member
from rooms.models import Leaver, Membership, Room
from users.actions.people import create_user
from users.models import User

ORDER = [{"id": "order-551", "name": "Order 551"}]


def rooms_of(user: User) -> list[str]:
    """The external ids of the rooms that a person is in."""
    found = Membership.objects.filter(user=user).exclude(room__external_id=None).order_by("room__external_id")
    return list(found.values_list("room__external_id", flat=True))


def leave(user: User, external_id: str = "order-551", *, removed_by: User | None = None) -> None:
    member = Membership.objects.select_related("room").get(user=user, room__external_id=external_id)
    if removed_by is None:
        remove_member(member, member)
    else:
        put_room(removed_by, external_id, {"name": "Order 551"}, [], exact=True)


def test_a_claimed_room_is_made_by_the_first_and_entered_by_the_next(recorder: Any, alice: User, bob: User) -> None:
    record = recorder()
    enter_claimed_rooms(alice, ORDER)
    room = Room.objects.get(external_id="order-551")
    assert (room.kind, room.name, room.members_count) == ("closed", "Order 551", 1)
    ((topic, event, body),) = record.events()
    assert (topic, event, body["external_id"], body["members_count"]) == (room.topic, "room.created", "order-551", 1)
    enter_claimed_rooms(bob, [{"id": "order-551", "name": "another name"}])
    (topic, event, body), (_, said, _) = record.events()
    assert (topic, event, body["user"]["id"], body["role"]) == (room.topic, "member.added", bob.pk, "member")
    assert said == "message.created"
    room.refresh_from_db()
    assert (room.name, room.members_count) == ("Order 551", 2)
    assert set(Membership.objects.filter(room=room).values_list("role", flat=True)) == {"member"}


def test_a_claim_that_is_fulfilled_is_one_query_and_no_claim_is_none(recorder: Any, alice: User) -> None:
    claim = [{"id": f"order-{number}", "name": "An order"} for number in range(MAX_CLAIMED_ROOMS)]
    enter_claimed_rooms(alice, claim)
    record = recorder()
    for seen, queries in ((claim, 1), ([], 0), (None, 0)):
        with CaptureQueriesContext(connection) as captured:
            enter_claimed_rooms(alice, seen)
        assert len(captured) == queries
    assert record.rows() == []


@pytest.mark.parametrize("is_removed", [False, True])
def test_who_left_or_was_removed_stays_out_until_the_host_or_a_member_adds_them(
    alice: User, bob: User, is_removed: bool
) -> None:
    service = create_user("shop")
    enter_claimed_rooms(alice, ORDER)
    enter_claimed_rooms(bob, ORDER)
    leave(bob, removed_by=service if is_removed else None)
    Leaver.objects.filter(user=bob).update(left_at=None if is_removed else timezone.now() - timedelta(days=400))
    forget_leavers()
    enter_claimed_rooms(bob, ORDER)
    assert rooms_of(bob) == []
    put_room(service, "order-551", {"name": "Order 551"}, [bob.pk], exact=False)
    assert rooms_of(bob) == ["order-551"]
    assert not Leaver.objects.filter(user=bob).exists()


def test_an_archived_room_and_one_beyond_the_limit_are_not_entered(alice: User, bob: User, settings: Any) -> None:
    enter_claimed_rooms(alice, ORDER)
    archive_locked_room(Room.objects.get(external_id="order-551"))
    settings.CHAT_MAX_ROOMS = 2
    enter_claimed_rooms(bob, ORDER + [{"id": f"a{number}", "name": "A"} for number in range(4)])
    assert rooms_of(bob) == ["a0", "a1"]
    assert not Room.objects.filter(external_id="a2").exists()


@pytest.mark.parametrize(
    "entry",
    [
        None,
        7,
        "order-551",
        [],
        {},
        {"id": "a"},
        {"name": "A"},
        {"id": 7, "name": "A"},
        {"id": "", "name": "A"},
        {"id": " a", "name": "A"},
        {"id": "a/", "name": "A"},
        {"id": "a\0", "name": "A"},
        {"id": "a\u202eb", "name": "A"},
        {"id": "\ud800", "name": "A"},
        {"id": "a" * 256, "name": "A"},
        {"id": "a", "name": "\u3164"},
        {"id": "a", "name": "a\u202eb"},
        {"id": "a", "name": "A" * 101},
        {"id": "a", "name": None},
        {"id": ["a"], "name": {}},
    ],
)
def test_an_entry_that_names_no_room_is_ignored_and_the_others_are_not(alice: User, entry: Any) -> None:
    enter_claimed_rooms(alice, [entry, *ORDER])
    assert rooms_of(alice) == ["order-551"]


@pytest.mark.parametrize("claim", [{}, "order-551", 7, True, {"id": "a", "name": "A"}])
def test_a_claim_that_is_no_list_is_ignored(alice: User, claim: Any) -> None:
    enter_claimed_rooms(alice, claim)
    assert rooms_of(alice) == []


def test_of_a_long_claim_the_first_hundred_are_entered(alice: User) -> None:
    enter_claimed_rooms(alice, [{"id": f"a{number}", "name": "A"} for number in range(MAX_CLAIMED_ROOMS + 5)])
    assert len(rooms_of(alice)) == MAX_CLAIMED_ROOMS


@pytest.mark.parametrize("external_id", ["a/b", "a%2Fb", "Zoë 1", "日本", "..", "a?b#c", "7", "'; --", "x" * 255])
def test_an_external_id_is_kept_as_it_is_written(alice: User, external_id: str) -> None:
    enter_claimed_rooms(alice, [{"id": external_id, "name": "A"}])
    assert rooms_of(alice) == [external_id]


def test_nobody_owns_such_a_room_and_it_outlives_who_made_it(alice: User, bob: User) -> None:
    enter_claimed_rooms(alice, ORDER)
    enter_claimed_rooms(bob, ORDER)
    leave(alice)
    room = Room.objects.get(external_id="order-551")
    assert (room.archived_at, room.members_count) == (None, 1)
    assert Membership.objects.get(room=room).role == "member"
    leave(bob)
    room.refresh_from_db()
    assert (room.archived_at, room.members_count) == (None, 0)
