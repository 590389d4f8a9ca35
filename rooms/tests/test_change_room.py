"""Owners and moderators change a room, owners archive it; General and direct rooms stay as they are."""

from typing import Any

import pytest

from rooms.actions.rooms import archive_room, open_direct_room
from rooms.models import Membership, Room
from users.models import User


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/"


def test_owners_and_moderators_rename_a_room_and_everybody_else_does_not(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, closed: Room
) -> None:
    record = recorder()
    assert api_of(bob).patch(url(closed), {"name": "Mine"}, "json").status_code == 403
    assert api_of(charlie).patch(url(closed), {"name": "Mine"}, "json").status_code == 404
    assert record.rows() == []
    for person, name in ((dana, "By dana"), (alice, "By alice")):
        answer = api_of(person).patch(url(closed), {"name": name, "description": "d"}, "json")
        assert (answer.status_code, answer.json()["name"], answer.json()["description"]) == (200, name, "d")
        closed.refresh_from_db()
        assert closed.name == name
        (_, said, _), (topic, event, body) = record.events()
        assert (said, topic, event) == ("message.created", closed.topic, "room.updated")
        assert body.items() <= answer.json().items()


def test_an_outsider_sees_an_open_room_but_may_not_change_it(
    api_of: Any, recorder: Any, charlie: User, open_room: Room
) -> None:
    record = recorder()
    answer = api_of(charlie).patch(url(open_room), {"name": "Mine"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")
    assert api_of(charlie).delete(url(open_room)).status_code == 403
    assert record.rows() == []


@pytest.mark.parametrize(
    "body", [{"kind": "direct"}, {"name": ""}, {"name": None}, {"name": {}}, {"description": "x" * 501}]
)
def test_what_no_room_can_be_is_400(api_of: Any, recorder: Any, alice: User, closed: Room, body: Any) -> None:
    record = recorder()
    assert api_of(alice).patch(url(closed), body, "json").status_code == 400
    assert record.rows() == []


def test_changing_nothing_emits_nothing(api_of: Any, recorder: Any, alice: User, closed: Room) -> None:
    record = recorder()
    assert api_of(alice).patch(url(closed), {}, "json").status_code == 200
    assert record.rows() == []


def test_a_closed_room_opens_and_then_strangers_see_it(api_of: Any, alice: User, charlie: User, closed: Room) -> None:
    assert api_of(charlie).get(url(closed)).status_code == 404
    assert api_of(alice).patch(url(closed), {"kind": "open"}, "json").json()["kind"] == "open"
    assert api_of(charlie).get(url(closed)).status_code == 200


@pytest.mark.parametrize("body", [{"name": "x"}, {"kind": "open"}])
def test_general_and_direct_rooms_stay_as_they_are(
    api_of: Any, recorder: Any, alice: User, bob: User, body: Any
) -> None:
    direct, _ = open_direct_room(alice, bob)
    record = recorder()
    for room in (direct, Room.objects.get(pk=0)):
        for answer in (api_of(alice).patch(url(room), body, "json"), api_of(alice).delete(url(room))):
            assert (answer.status_code, answer.json()["code"]) == (403, "room_is_fixed")
    assert Room.objects.get(pk=direct.pk).kind == "direct"
    assert record.rows() == []


def test_only_owners_archive_a_room(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, closed: Room
) -> None:
    record = recorder()
    assert [api_of(person).delete(url(closed)).status_code for person in (bob, dana, charlie)] == [403, 403, 404]
    assert Room.objects.get(pk=closed.pk).archived_at is None
    assert record.rows() == []
    assert api_of(alice).delete(url(closed)).status_code == 204
    assert Room.objects.get(pk=closed.pk).archived_at is not None
    ((topic, event, body),) = record.events()
    assert (topic, event) == (closed.topic, "room.archived")
    assert body["archived_at"] is not None


def test_an_archived_room_is_read_but_not_changed(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room
) -> None:
    archive_room(Membership.objects.select_related("room").get(room=closed, user=alice))
    record = recorder()
    assert api_of(bob).get(url(closed)).status_code == 200
    assert api_of(bob).get(f"{url(closed)}messages/").status_code == 200
    for answer in (
        api_of(alice).patch(url(closed), {"name": "x"}, "json"),
        api_of(alice).delete(url(closed)),
        api_of(alice).post(f"{url(closed)}members/", {"user_id": charlie.pk}, "json"),
        api_of(alice).patch(f"{url(closed)}members/{bob.pk}/", {"role": "owner"}, "json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "room_archived")
    assert record.rows() == []


def test_an_archived_open_room_is_no_longer_there_for_strangers(
    api_of: Any, alice: User, charlie: User, open_room: Room
) -> None:
    archive_room(Membership.objects.select_related("room").get(room=open_room, user=alice))
    for path in (url(open_room), f"{url(open_room)}messages/", f"{url(open_room)}members/"):
        assert api_of(charlie).get(path).status_code == 404
    assert api_of(charlie).post(f"{url(open_room)}members/", {"user_id": charlie.pk}, "json").status_code == 404


def test_changing_a_room_costs_so_many_queries(
    api_of: Any, alice: User, closed: Room, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(11):
        api_of(alice).patch(url(closed), {"name": "x"}, "json")


def test_an_unchanged_room_is_announced_to_nobody(api_of: Any, recorder: Any, alice: User, closed: Room) -> None:
    record = recorder()
    for changes in ({"name": closed.name}, {"name": f" {closed.name} ", "kind": "closed", "description": ""}, {}):
        assert api_of(alice).patch(f"/api/v1/rooms/{closed.pk}/", changes, "json").status_code == 200
    assert record.rows() == []
