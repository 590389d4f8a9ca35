"""The old /rooms/<user_id> and /room."""

import json
from typing import Any

import pytest

from chats.actions.messages import send_message
from chatserver.tests.harness.answers import assert_old_error, emitted
from rooms.actions.rooms import archive_room, create_room, open_direct_room
from rooms.models import GENERAL_ID, Membership, Room
from users.actions.people import ban_user, delete_user
from users.models import User

GENERAL = {"id": "0", "names": ["General"]}


@pytest.fixture
def pair(alice: User, bob: User) -> dict[str, Any]:
    """The direct room of alice and bob as the old routes show it."""
    return {"id": f"{alice.pk}:{bob.pk}", "names": [["alice"], ["bob"]]}


def open_room(client: Any, one: Any, other: Any, path: str = "/room") -> Any:
    return client.post(path, {"user1": one, "user2": other}, format="json")


def direct_rooms() -> int:
    return Room.objects.filter(kind="direct").count()


@pytest.mark.parametrize("path", ["/room", "/room/"])
def test_it_opens_the_direct_room_once(alice: User, bob: User, api_of: Any, pair: dict[str, Any], path: str) -> None:
    for client, one, other, status in (
        (api_of(alice), alice.pk, bob.pk, 201),
        (api_of(alice), bob.pk, alice.pk, 200),
        (api_of(bob), str(alice.pk), str(bob.pk), 200),
    ):
        answer = open_room(client, one, other, path)
        assert (answer.status_code, answer.json()) == (status, pair)
    room = Room.objects.get(kind="direct")
    assert (room.direct_low_id, room.direct_high_id) == (alice.pk, bob.pk)
    assert set(Membership.objects.filter(room=room).values_list("user_id", flat=True)) == {alice.pk, bob.pk}
    assert [event["id"] for event in emitted("room.created")] == [room.pk]


def test_a_room_of_others_is_refused(alice: User, bob: User, charlie: User, api_of: Any) -> None:
    assert_old_error(open_room(api_of(charlie), alice.pk, bob.pk), 403)
    assert_old_error(open_room(api_of(None), alice.pk, bob.pk), 401)
    assert direct_rooms() == 0
    assert emitted("room.created") == []


def test_a_room_with_oneself_or_with_nobody_is_none(alice: User, bob: User, charlie: User, api_of: Any) -> None:
    ban_user(bob)
    delete_user(charlie)
    assert_old_error(open_room(api_of(alice), alice.pk, alice.pk), 400)
    for other in (0, 2**40, bob.pk, charlie.pk):
        assert_old_error(open_room(api_of(alice), alice.pk, other), 404)
    assert direct_rooms() == 0


@pytest.mark.parametrize("junk", [None, "", "x", "-1", -1, 1.0, "9" * 20, "\0", [], {}, True, "٣"])
def test_an_invalid_id_is_400(alice: User, api_of: Any, junk: Any) -> None:
    assert_old_error(open_room(api_of(alice), alice.pk, junk), 400)
    assert_old_error(open_room(api_of(alice), junk, alice.pk), 400)


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", "[1,3]", '{"user1":1}', '{"user1":' + "1" * 5000 + "}"])
def test_an_invalid_body_is_400(alice: User, api_of: Any, body: str) -> None:
    assert_old_error(api_of(alice).generic("POST", "/room", body, "application/json"), 400)


@pytest.mark.parametrize("path", ["/rooms/{}", "/rooms/{}/"])
def test_my_rooms_most_recently_active_first_and_general_last(
    alice: User, bob: User, charlie: User, api_of: Any, pair: dict[str, Any], path: str, django_assert_num_queries: Any
) -> None:
    group = create_room(alice, [bob], name="The group", kind="closed")
    with_bob, _ = open_direct_room(alice, bob)
    with_charlie, _ = open_direct_room(charlie, alice)
    for room in (with_charlie, group, with_bob, Room.objects.get(pk=GENERAL_ID)):
        send_message(alice, room.pk, "hai")
    client = api_of(alice)
    with django_assert_num_queries(1):
        answer = client.get(path.format(alice.pk))
    assert answer.status_code == 200
    assert answer.json() == [
        pair,
        {"id": str(group.pk), "names": ["The group"]},
        {"id": f"{alice.pk}:{charlie.pk}", "names": [["alice"], ["charlie"]]},
        GENERAL,
    ]
    assert api_of(charlie).get(path.format(charlie.pk)).json() == [answer.json()[2], GENERAL]


def test_archived_rooms_are_left_out(alice: User, api_of: Any) -> None:
    room = create_room(alice, [], name="gone", kind="closed")
    archive_room(Membership.objects.get(room=room, user=alice))
    assert api_of(alice).get(f"/rooms/{alice.pk}").json() == [GENERAL]


def test_the_rooms_of_others_are_refused(alice: User, bob: User, charlie: User, api_of: Any) -> None:
    open_direct_room(alice, bob)
    for user_id in (alice.pk, bob.pk, 0, 2**40):
        assert_old_error(api_of(charlie).get(f"/rooms/{user_id}"), 403)
    assert_old_error(api_of(None).get(f"/rooms/{alice.pk}"), 401)


@pytest.mark.parametrize("junk", ["x", "-1", "%00", "9" * 20, "%FF", "1:2"])
def test_the_rooms_of_what_is_nobody_are_refused(alice: User, api_of: Any, junk: str) -> None:
    assert_old_error(api_of(alice).get(f"/rooms/{junk}"), 403)


def test_a_deleted_peer_is_shown_as_one(alice: User, bob: User, api_of: Any) -> None:
    open_direct_room(alice, bob)
    delete_user(bob)
    shown = api_of(alice).get(f"/rooms/{alice.pk}").json()
    assert shown[0]["names"][0] == ["alice"]
    assert "bob" not in json.dumps(shown)
