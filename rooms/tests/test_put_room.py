"""The host's backend brings a room by its external id to a state: made once, changed only where it differs."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chatserver.errors import Forbidden, NotFound
from chatserver.events.models import Kind as RowKind
from rooms.actions.changes import archive_locked_room
from rooms.actions.exclusions import settle_all
from rooms.actions.external_rooms import put_room
from rooms.actions.members import remove_member
from rooms.models import Leaver, Membership, Room
from users.actions.people import ban_user, create_user, delete_user
from users.models import User

STATE = {"name": "Order 551", "kind": "closed"}


@pytest.fixture
def shop(db: Any) -> User:
    user = create_user("shop")
    user.is_service = True
    user.save()
    return user


def put(service: User, *members: User, exact: bool = False, external_id: str = "order-551", **changes: str) -> Any:
    member_ids = [member.pk for member in members]
    return put_room(service, external_id, STATE | changes, member_ids, exact=exact)


def members_of(room: Room) -> list[int]:
    room.refresh_from_db()
    found = list(Membership.objects.filter(room=room).order_by("user_id").values_list("user_id", flat=True))
    assert room.members_count == len(found)
    return found


def test_a_room_is_made_with_its_members_and_no_owner(recorder: Any, shop: User, alice: User, bob: User) -> None:
    record = recorder()
    room, is_new = put(shop, alice, bob)
    assert is_new
    assert members_of(room) == [alice.pk, bob.pk]
    assert set(Membership.objects.filter(room=room).values_list("role", flat=True)) == {"member"}
    subscribe, created = record.rows()
    assert (subscribe.kind, sorted(subscribe.user_ids)) == (RowKind.SUBSCRIBE, [alice.pk, bob.pk])
    assert (created.type, created.topic, created.actor_id) == ("room.created", room.topic, shop.pk)


def test_the_same_again_changes_and_tells_nothing(recorder: Any, shop: User, alice: User, bob: User) -> None:
    room, _ = put(shop, alice, bob, metadata='{"order":551,"in":{"a":1,"b":2}}')
    record = recorder()
    for exact in (False, True):
        assert put(shop, bob, alice, exact=exact) == (room, False)
        assert put(shop, bob, alice, exact=exact, metadata='{"in":{"b":2,"a":1},"order":551}') == (room, False)
    assert record.rows() == []
    assert put(shop, metadata='{"order":551,"in":{"a":true,"b":2}}') == (room, False)
    assert [event for _, event, _ in record.events()] == ["room.updated"]


def test_what_differs_is_told(recorder: Any, shop: User, alice: User, bob: User, charlie: User) -> None:
    room, _ = put(shop, alice, bob)
    record = recorder()
    assert put(shop, bob, charlie, name="Order 551, sent", kind="open", exact=True) == (room, False)
    assert members_of(room) == [bob.pk, charlie.pk]
    events = record.events()
    assert [(topic, event) for topic, event, _ in events] == [
        (room.topic, "message.created"),
        (room.topic, "room.updated"),
        (room.topic, "member.added"),
        (room.topic, "message.created"),
        (room.topic, "member.removed"),
        (f"user:{alice.pk}", "room.left"),
        (room.topic, "message.created"),
    ]
    assert events[-2][2] == {"room_id": room.pk, "reason": "removed"}
    room.refresh_from_db()
    assert (room.name, room.kind) == ("Order 551, sent", "open")


def test_without_exact_nobody_is_removed_and_who_left_is_added_again(shop: User, alice: User, bob: User) -> None:
    room, _ = put(shop, alice, bob)
    member = Membership.objects.select_related("room").get(room=room, user=bob)
    remove_member(member, member)
    assert Leaver.objects.filter(user=bob).exists()
    put(shop, bob)
    assert members_of(room) == [alice.pk, bob.pk]
    assert not Leaver.objects.exists()


def test_two_hundred_members_take_as_many_statements_as_two(shop: User) -> None:
    crowd = [create_user(f"crowd{number}") for number in range(200)]
    calls = {
        "made": lambda people, name: put(shop, *people, external_id=name),
        "emptied": lambda people, name: put(shop, exact=True, external_id=name),
        "filled": lambda people, name: put(shop, *people, external_id=name),
    }
    counts = []
    for name, people in (("few", crowd[:2]), ("many", crowd)):
        counts.append({})
        for what, call in calls.items():
            with CaptureQueriesContext(connection) as queries:
                call(people, name)
            counts[-1][what] = len(queries)
    assert counts[0] == counts[1]


def test_an_exact_list_removes_more_than_one_batch(shop: User, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.actions.external_rooms.MAX_REMOVED_AT_ONCE", 2)
    crowd = [create_user(f"crowd{number}") for number in range(5)]
    room, _ = put(shop, alice, *crowd)
    put(shop, alice, exact=True)
    assert members_of(room) == [alice.pk]


def test_a_banned_member_stays_and_no_banned_person_is_added(shop: User, alice: User, bob: User) -> None:
    room, _ = put(shop, alice)
    ban_user(alice)
    ban_user(bob)
    put(shop, alice, bob, exact=True)
    assert members_of(room) == [alice.pk]


def test_who_is_deleted_or_was_never_there_is_not_found_and_nothing_is_made(shop: User, alice: User, bob: User) -> None:
    delete_user(bob)
    for stranger in (bob, User(pk=10**9)):
        with pytest.raises(NotFound):
            put(shop, alice, stranger)
    assert not Room.objects.filter(external_id="order-551").exists()


def test_an_archived_room_is_left_alone_and_one_beyond_the_limit_is_not_made(
    shop: User, alice: User, settings: Any
) -> None:
    room, _ = put(shop, alice)
    archive_locked_room(room)
    put(shop, alice, external_id="order-550")
    settings.CHAT_MAX_ROOMS = 1
    for external_id, code in (("order-551", "room_archived"), ("order-552", "too_many_rooms")):
        with pytest.raises(Forbidden) as refused:
            put(shop, alice, external_id=external_id)
        assert refused.value.code == code
    assert not Room.objects.filter(external_id="order-552").exists()


def test_a_room_without_an_owner_outlives_its_members(shop: User, alice: User, bob: User) -> None:
    room, _ = put(shop, alice, bob)
    ban_user(alice)
    delete_user(bob)
    settle_all()
    assert members_of(room) == [alice.pk]
    assert room.archived_at is None
    assert Membership.objects.get(room=room).role == "member"
