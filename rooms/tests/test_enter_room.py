"""Open rooms are joined, closed ones are opened to people by their owners and moderators."""

from typing import Any

import pytest

from chats.actions.messages import send_message
from chatserver.events.models import Kind as RowKind
from rooms.actions.members import remove_member
from rooms.actions.rooms import open_direct_room
from rooms.models import Membership, Room
from users.actions.people import ban_user
from users.models import User
from users.usernames import columns_of


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/members/"


def count(room: Room) -> int:
    room.refresh_from_db()
    assert room.members_count == Membership.objects.filter(room=room).count()
    return room.members_count


def test_anybody_joins_an_open_room_once(api_of: Any, recorder: Any, bob: User, charlie: User, open_room: Room) -> None:
    send_message(bob, open_room.pk, "before")
    record = recorder()
    answer = api_of(charlie).post(url(open_room), {"user_id": charlie.pk}, "json")
    assert answer.status_code == 201
    (member,) = answer.json()["results"]
    assert (member["user"]["id"], member["role"], member["read_seq"]) == (charlie.pk, "member", 1)
    assert count(open_room) == 4
    subscribe, added, _ = record.rows()
    assert (subscribe.kind, subscribe.topic, subscribe.user_ids) == (
        RowKind.SUBSCRIBE,
        open_room.topic,
        [charlie.pk],
    )
    assert (added.type, added.topic, added.actor_id) == ("member.added", open_room.topic, charlie.pk)
    again = api_of(charlie).post(url(open_room), {"user_id": charlie.pk}, "json")
    assert (again.status_code, again.json()) == (200, answer.json())
    assert count(open_room) == 4
    assert record.rows() == []


def test_nobody_adds_themselves_to_a_closed_room(api_of: Any, recorder: Any, charlie: User, closed: Room) -> None:
    record = recorder()
    assert api_of(charlie).post(url(closed), {"user_id": charlie.pk}, "json").status_code == 404
    assert count(closed) == 3
    assert record.rows() == []


def test_a_member_of_a_closed_room_who_joins_gets_their_membership(
    api_of: Any, recorder: Any, bob: User, closed: Room
) -> None:
    record = recorder()
    answer = api_of(bob).post(url(closed), {"user_id": bob.pk}, "json")
    assert (answer.status_code, answer.json()["results"][0]["role"]) == (200, "member")
    assert record.rows() == []


def test_owners_and_moderators_let_people_into_a_closed_room(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, closed: Room, role_of: Any
) -> None:
    record = recorder()
    answer = api_of(bob).post(url(closed), {"user_id": charlie.pk}, "json")
    assert answer.status_code == 403
    assert api_of(charlie).post(url(closed), {"user_ids": [charlie.pk, bob.pk]}, "json").status_code == 404
    assert role_of(closed, charlie) is None
    assert record.rows() == []
    assert api_of(dana).post(url(closed), {"user_id": charlie.pk}, "json").status_code == 201
    assert role_of(closed, charlie) == "member"
    assert [event for _, event, _ in record.events()] == ["member.added", "message.created"]
    assert count(closed) == 4


def test_members_bring_people_into_an_open_room_and_strangers_do_not(
    api_of: Any, bob: User, charlie: User, open_room: Room, role_of: Any
) -> None:
    answer = api_of(charlie).post(url(open_room), {"user_ids": [charlie.pk, bob.pk]}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")
    assert role_of(open_room, charlie) is None
    assert api_of(bob).post(url(open_room), {"user_id": charlie.pk}, "json").status_code == 201
    assert role_of(open_room, charlie) == "member"


def test_only_those_are_added_who_were_not_in(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room, role_of: Any
) -> None:
    record = recorder()
    answer = api_of(alice).post(url(closed), {"user_ids": [bob.pk, charlie.pk], "user_id": alice.pk}, "json")
    assert [member["user"]["id"] for member in answer.json()["results"]] == [charlie.pk]
    assert role_of(closed, alice) == "owner"
    assert [body["user"]["id"] for _, event, body in record.events() if event == "member.added"] == [charlie.pk]
    assert api_of(alice).post(url(closed), {"user_ids": [bob.pk]}, "json").status_code == 200
    assert record.rows() == []


def test_a_removed_member_is_an_outsider(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    remove_member(members.get(user=alice), members.get(user=bob))
    assert api_of(bob).get(url(closed)).status_code == 404
    assert api_of(bob).post(url(closed), {"user_id": bob.pk}, "json").status_code == 404
    assert api_of(bob).get(f"/api/v1/rooms/{closed.pk}/messages/").status_code == 404


def test_banned_users_are_not_added(
    api_of: Any, recorder: Any, alice: User, charlie: User, closed: Room, role_of: Any
) -> None:
    ban_user(charlie)
    record = recorder()
    answer = api_of(alice).post(url(closed), {"user_id": charlie.pk}, "json")
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")
    assert role_of(closed, charlie) is None
    assert record.rows() == []


def test_a_direct_room_stays_a_room_of_two(api_of: Any, recorder: Any, alice: User, bob: User, charlie: User) -> None:
    room, _ = open_direct_room(alice, bob)
    record = recorder()
    assert api_of(alice).post(url(room), {"user_id": charlie.pk}, "json").status_code == 403
    assert api_of(charlie).post(url(room), {"user_id": charlie.pk}, "json").status_code == 404
    assert count(room) == 2
    assert record.rows() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user_ids": []},
        {"user_id": "me"},
        {"user_id": -1},
        {"user_id": 0},
        {"user_id": 2**63},
        {"user_ids": 1},
        {"user_ids": {"1": 1}},
        {"user_ids": [None]},
        [],
    ],
)
def test_a_body_that_names_nobody_is_400(api_of: Any, alice: User, closed: Room, body: Any) -> None:
    assert api_of(alice).post(url(closed), body, "json").status_code == 400


def test_members_are_listed_for_members_by_id(
    api_of: Any, alice: User, bob: User, charlie: User, dana: User, closed: Room, django_assert_num_queries: Any
) -> None:
    everybody = sorted([alice.pk, bob.pk, dana.pk])
    with django_assert_num_queries(2):
        answer = api_of(bob).get(f"{url(closed)}?limit=2")
    assert [member["user"]["id"] for member in answer.json()["results"]] == everybody[:2]
    rest = api_of(bob).get(f"{url(closed)}?limit=2&after={answer.json()['next']}").json()
    assert [member["user"]["id"] for member in rest["results"]] == everybody[2:]
    assert (rest["next"], rest["previous"]) == (None, everybody[2])
    one = api_of(bob).get(f"{url(closed)}{alice.pk}/")
    assert (one.json()["role"], one.json()["room_id"]) == ("owner", closed.pk)
    assert api_of(bob).get(f"{url(closed)}{charlie.pk}/").status_code == 404
    assert api_of(charlie).get(url(closed)).status_code == 404
    assert api_of(charlie).get(f"{url(closed)}{alice.pk}/").status_code == 404


def test_joining_costs_so_many_queries(
    api_of: Any, charlie: User, open_room: Room, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(18):
        api_of(charlie).post(url(open_room), {"user_id": charlie.pk}, "json")


def make_people(count: int) -> list[User]:
    names = [f"person-{number}" for number in range(count)]
    return User.objects.bulk_create(User(username=name, **columns_of(name)) for name in names)


@pytest.mark.parametrize("count", [2, 100])
def test_adding_two_or_a_hundred_costs_the_same_queries(
    api_of: Any, recorder: Any, alice: User, closed: Room, django_assert_num_queries: Any, count: int
) -> None:
    people = make_people(count)
    record = recorder()
    with django_assert_num_queries(18):
        answer = api_of(alice).post(url(closed), {"user_ids": [person.pk for person in people]}, "json")
    added = [member["user"]["id"] for member in answer.json()["results"]]
    assert added == [person.pk for person in people]
    *told, (_, said, _) = record.events()
    assert [(event, body["user"]["id"]) for _, event, body in told] == [("member.added", pk) for pk in added]
    assert said == "message.created"


@pytest.mark.parametrize("count", [2, 100])
def test_making_a_room_of_two_or_a_hundred_costs_the_same_queries(
    api_of: Any, alice: User, django_assert_num_queries: Any, count: int
) -> None:
    people = make_people(count)
    with django_assert_num_queries(12):
        body = {"name": "Tea", "members": [person.pk for person in people]}
        assert api_of(alice).post("/api/v1/rooms/", body, "json").json()["members_count"] == count + 1
