"""People leave group rooms or are put out of them, and a room is never without an owner."""

import json
from typing import Any

import pytest

from chatserver.errors import Forbidden
from chatserver.events.models import Kind as RowKind
from rooms.actions.members import remove_member
from rooms.actions.rooms import open_direct_room
from rooms.models import Membership, Room
from users.models import User


def url(room: Room, user: User) -> str:
    return f"/api/v1/rooms/{room.pk}/members/{user.pk}/"


def test_a_member_leaves_and_hears_of_it_as_the_last_thing(
    api_of: Any, recorder: Any, bob: User, closed: Room, role_of: Any
) -> None:
    record = recorder()
    assert api_of(bob).delete(url(closed, bob)).status_code == 204
    assert role_of(closed, bob) is None
    closed.refresh_from_db()
    assert closed.members_count == 2
    removed, unsubscribe, left, _ = record.rows()
    assert (removed.type, removed.topic, removed.actor_id) == ("member.removed", closed.topic, bob.pk)
    assert (unsubscribe.kind, unsubscribe.topic, unsubscribe.user_ids) == (
        RowKind.UNSUBSCRIBE,
        closed.topic,
        [bob.pk],
    )
    assert (left.type, left.topic, left.actor_id, left.room_id) == ("room.left", f"user:{bob.pk}", bob.pk, closed.pk)
    assert json.loads(left.body) == {"room_id": closed.pk, "reason": "left"}
    assert api_of(bob).delete(url(closed, bob)).status_code == 404


def test_one_puts_out_only_those_below(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, closed: Room, role_of: Any
) -> None:
    record = recorder()
    for actor, target, status in (
        (bob, dana, 403),
        (bob, alice, 403),
        (dana, alice, 403),
        (charlie, bob, 404),
        (alice, charlie, 404),
    ):
        assert api_of(actor).delete(url(closed, target)).status_code == status
    assert Membership.objects.filter(room=closed).count() == 3
    assert record.rows() == []
    assert api_of(dana).delete(url(closed, bob)).status_code == 204
    assert api_of(alice).delete(url(closed, dana)).status_code == 204
    assert [role_of(closed, person) for person in (alice, bob, dana)] == ["owner", None, None]


def test_an_outsider_of_an_open_room_puts_nobody_out(
    api_of: Any, bob: User, charlie: User, open_room: Room, role_of: Any
) -> None:
    assert api_of(charlie).delete(url(open_room, bob)).status_code == 403
    assert role_of(open_room, bob) == "member"


def test_a_moderator_does_not_remove_a_member_who_became_owner_meanwhile(
    api_of: Any, bob: User, dana: User, closed: Room, role_of: Any
) -> None:
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    stale = members.get(user=bob)
    members.filter(user=bob).update(role="owner")
    with pytest.raises(Forbidden):
        remove_member(members.get(user=dana), stale)
    assert role_of(closed, bob) == "owner"


def test_the_last_one_out_archives_the_room(api_of: Any, alice: User, bob: User, dana: User, closed: Room) -> None:
    for person in (bob, dana, alice):
        assert api_of(person).delete(url(closed, person)).status_code == 204
    closed.refresh_from_db()
    assert (closed.members_count, closed.archived_at is None) == (0, False)


def test_one_may_leave_an_archived_room(api_of: Any, alice: User, bob: User, closed: Room, role_of: Any) -> None:
    api_of(alice).delete(f"/api/v1/rooms/{closed.pk}/")
    assert api_of(bob).delete(url(closed, bob)).status_code == 204
    assert role_of(closed, bob) is None


def test_nobody_leaves_general_or_a_direct_room(api_of: Any, recorder: Any, alice: User, bob: User) -> None:
    direct, _ = open_direct_room(alice, bob)
    record = recorder()
    for room in (direct, Room.objects.get(pk=0)):
        for person in (alice, bob):
            answer = api_of(alice).delete(url(room, person))
            assert (answer.status_code, answer.json()["code"]) == (403, "room_is_fixed")
    assert record.rows() == []


def test_putting_out_costs_so_many_queries(
    api_of: Any, alice: User, bob: User, closed: Room, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(15):
        api_of(alice).delete(url(closed, bob))
