"""Owners give roles; a room keeps an owner."""

from typing import Any

import pytest

from chatserver.errors import Conflict, NotFound
from rooms.actions.members import change_role
from rooms.actions.rooms import open_direct_room
from rooms.models import Membership, Room
from users.models import User


def url(room: Room, user: User) -> str:
    return f"/api/v1/rooms/{room.pk}/members/{user.pk}/"


def test_only_owners_give_roles(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, closed: Room, role_of: Any
) -> None:
    record = recorder()
    for actor, status in ((bob, 403), (dana, 403), (charlie, 404)):
        assert api_of(actor).patch(url(closed, bob), {"role": "owner"}, "json").status_code == status
    assert role_of(closed, bob) == "member"
    assert record.rows() == []
    answer = api_of(alice).patch(url(closed, bob), {"role": "moderator"}, "json")
    assert (answer.status_code, answer.json()["role"]) == (200, "moderator")
    assert role_of(closed, bob) == "moderator"
    ((topic, event, body),) = record.events()
    assert (topic, event, body) == (closed.topic, "member.updated", answer.json())
    again = api_of(alice).patch(url(closed, bob), {"role": "moderator"}, "json")
    assert (again.status_code, again.json(), record.events()) == (200, answer.json(), [])


def test_an_outsider_of_an_open_room_gives_no_roles(api_of: Any, bob: User, charlie: User, open_room: Room) -> None:
    assert api_of(charlie).patch(url(open_room, bob), {"role": "owner"}, "json").status_code == 403


def test_an_outsider_gets_no_role(api_of: Any, alice: User, charlie: User, closed: Room, role_of: Any) -> None:
    assert api_of(alice).patch(url(closed, charlie), {"role": "owner"}, "json").status_code == 404
    assert role_of(closed, charlie) is None


def test_the_last_owner_stays_one_until_they_name_another(
    api_of: Any, alice: User, bob: User, closed: Room, role_of: Any
) -> None:
    answer = api_of(alice).patch(url(closed, alice), {"role": "member"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert role_of(closed, alice) == "owner"
    assert api_of(alice).patch(url(closed, alice), {"role": "owner"}, "json").status_code == 200
    api_of(alice).patch(url(closed, bob), {"role": "owner"}, "json")
    assert api_of(alice).patch(url(closed, alice), {"role": "member"}, "json").status_code == 200
    assert [role_of(closed, person) for person in (alice, bob)] == ["member", "owner"]
    assert api_of(alice).patch(url(closed, bob), {"role": "member"}, "json").status_code == 403


def test_a_role_for_one_who_has_just_left_is_not_found(alice: User, bob: User, closed: Room) -> None:
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    gone = members.get(user=bob)
    members.filter(user=bob).delete()
    with pytest.raises(NotFound):
        change_role(members.get(user=alice), gone, "moderator")


def test_two_owners_who_step_down_at_once_leave_one(alice: User, bob: User, closed: Room) -> None:
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    members.filter(user=bob).update(role="owner")
    mine, bobs = members.get(user=alice), members.get(user=bob)
    change_role(mine, mine, "member")
    with pytest.raises(Conflict):
        change_role(bobs, bobs, "member")


@pytest.mark.parametrize("body", [{}, {"role": "king"}, {"role": None}, {"role": ["owner"]}, {"role": {}}, [], "owner"])
def test_what_is_no_role_is_400(api_of: Any, alice: User, bob: User, closed: Room, role_of: Any, body: Any) -> None:
    assert api_of(alice).patch(url(closed, bob), body, "json").status_code == 400
    assert role_of(closed, bob) == "member"


def test_there_are_no_roles_in_general_and_in_direct_rooms(api_of: Any, alice: User, bob: User) -> None:
    direct, _ = open_direct_room(alice, bob)
    for room in (direct, Room.objects.get(pk=0)):
        answer = api_of(alice).patch(url(room, alice), {"role": "owner"}, "json")
        assert (answer.status_code, answer.json()["code"]) == (403, "room_is_fixed")


def test_giving_a_role_costs_so_many_queries(
    api_of: Any, alice: User, bob: User, closed: Room, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(10):
        api_of(alice).patch(url(closed, bob), {"role": "moderator"}, "json")
