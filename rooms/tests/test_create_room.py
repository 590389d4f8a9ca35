"""Group rooms are made by people, and nobody is put into one who can't be."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chatserver.events.models import Kind as RowKind
from chatserver.tests.harness.service import Service
from rooms.models import Membership, Room
from users.actions.people import ban_user, delete_user
from users.models import User

ROOMS = "/api/v1/rooms/"


def test_the_creator_owns_the_room_and_those_they_name_are_members(
    api_of: Any, recorder: Any, alice: User, bob: User
) -> None:
    record = recorder()
    answer = api_of(alice).post(ROOMS, {"name": " Tea ", "kind": "open", "members": [bob.pk, bob.pk, alice.pk]}, "json")
    shown = answer.json()
    assert answer.status_code == 201
    assert {name: shown[name] for name in ("name", "kind", "role", "members_count", "unread", "last_message")} == {
        "name": "Tea",
        "kind": "open",
        "role": "owner",
        "members_count": 2,
        "unread": 0,
        "last_message": None,
    }
    members = Membership.objects.filter(room_id=shown["id"]).order_by("user_id")
    assert [(member.user_id, member.role) for member in members] == [(alice.pk, "owner"), (bob.pk, "member")]
    subscribe, created = record.rows()
    assert (subscribe.kind, subscribe.topic, sorted(subscribe.user_ids)) == (
        RowKind.SUBSCRIBE,
        f"room:{shown['id']}",
        sorted([alice.pk, bob.pk]),
    )
    assert (created.type, created.topic, created.actor_id) == ("room.created", f"room:{shown['id']}", alice.pk)


def test_the_event_shows_the_room_as_rest_does(api_of: Any, recorder: Any, alice: User) -> None:
    record = recorder()
    shown = api_of(alice).post(ROOMS, {"name": "Tea"}, "json").json()
    ((_, _, body),) = record.events()
    assert body.items() <= shown.items()


def test_a_room_is_closed_unless_its_maker_says_otherwise(api_of: Any, alice: User) -> None:
    assert api_of(alice).post(ROOMS, {"name": "Tea"}, "json").json()["kind"] == "closed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": ["a"]}, "name"),
        ({"name": None}, "name"),
        ({"name": "a", "kind": "direct"}, "kind"),
        ({"name": "a", "kind": []}, "kind"),
        ({"name": "a", "description": "x" * 501}, "description"),
        ({"name": "a", "members": "1"}, "members"),
        ({"name": "a", "members": [-1]}, "members.0"),
        ({"name": "a", "members": ["x"]}, "members.0"),
        ({"name": "a", "members": [10**20]}, "members.0"),
        ({"name": "a", "members": [[1]]}, "members.0"),
        ({"name": "a", "members": list(range(1, 202))}, "members"),
    ],
)
def test_a_body_that_makes_no_room_is_400_and_names_the_field(
    api_of: Any, recorder: Any, alice: User, body: Any, field: str
) -> None:
    before, record = Room.objects.count(), recorder()
    answer = api_of(alice).post(ROOMS, body, "json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert Room.objects.count() == before
    assert record.rows() == []


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7", "{", "", '{"name":"\\ud800"}', "[" * 100_000])
def test_a_body_that_is_no_object_is_400(api_of: Any, alice: User, body: str) -> None:
    answer = api_of(alice).post(ROOMS, body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("end", [ban_user, delete_user, lambda user: None])
def test_banned_deleted_and_unknown_users_are_not_added(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, end: Any
) -> None:
    end(charlie)
    missing = charlie.pk if not charlie.is_active else 10**9
    record = recorder()
    answer = api_of(alice).post(ROOMS, {"name": "Tea", "members": [bob.pk, missing]}, "json")
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")
    assert not Room.objects.filter(name="Tea").exists()
    assert record.rows() == []


def test_a_repeat_is_the_first_room_and_other_content_is_refused(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User
) -> None:
    client, body = api_of(alice), {"name": "Once", "members": [bob.pk, charlie.pk], "client_room_id": "a"}
    first = client.post(ROOMS, body, "json")
    assert first.status_code == 201
    client.patch(f"{ROOMS}{first.json()['id']}/", {"name": "Renamed"}, "json")
    delete_user(charlie)
    record, rooms = recorder(), Room.objects.count()
    again = client.post(ROOMS, body | {"members": [charlie.pk, bob.pk], "kind": "closed"}, "json")
    assert (again.status_code, again.json()["id"], again.json()["name"]) == (200, first.json()["id"], "Renamed")
    for changed in ({"name": "Other"}, {"kind": "open"}, {"description": "x"}, {"members": [bob.pk]}):
        refused = client.post(ROOMS, body | changed, "json")
        assert (refused.status_code, refused.json()["code"]) == (409, "client_room_id_used")
    assert (record.rows(), Room.objects.count()) == ([], rooms)
    assert api_of(bob).post(ROOMS, {"name": "Once", "client_room_id": "a"}, "json").status_code == 201
    assert client.post(ROOMS, {"name": "Once", "client_room_id": "x" * 65}, "json").status_code == 400


def test_a_repeat_may_have_the_names_of_its_metadata_in_another_order(api_of: Any, alice: User) -> None:
    body = {"name": "Once", "client_room_id": "a"}
    answers = [
        api_of(alice).post(ROOMS, body | {"metadata": metadata}, "json")
        for metadata in ({"a": 1, "in": {"b": 2, "c": 3}}, {"in": {"c": 3, "b": 2}, "a": 1}, {"a": 1})
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 409]


def test_the_same_room_made_many_times_at_once_is_one(granian: Service) -> None:
    alice, bob = granian.people(2)
    body = {"name": "Once", "members": [bob.id], "client_room_id": "a"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.post(ROOMS, json=body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [*[200] * 7, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert granian.sql("SELECT count(*) FROM rooms_membership WHERE user_id = %s AND room_id > 0", bob.id) == [(1,)]


def test_nobody_makes_no_room(api_of: Any, db: Any) -> None:
    answer = api_of(None).post(ROOMS, {"name": "Tea"}, "json")
    assert answer.status_code == 401
    assert "Bearer" in answer["WWW-Authenticate"]
    assert not Room.objects.filter(name="Tea").exists()


def test_making_a_room_costs_so_many_queries(
    api_of: Any, alice: User, bob: User, charlie: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(12):  # two of them the savepoint that stands for the transaction
        api_of(alice).post(ROOMS, {"name": "Tea", "members": [bob.pk, charlie.pk]}, "json")
