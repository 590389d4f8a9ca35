"""What people set for themselves in a room is theirs alone, and a hidden room shows again when somebody writes."""

from typing import Any

import pytest

from chats.actions.messages import send_message
from rooms.actions.members import remove_member
from rooms.actions.rooms import archive_room, open_direct_room
from rooms.models import Membership, Room
from users.models import User

NEW = {"notify": "all", "muted_until": None, "pinned": False, "hidden": False, "hidden_seq": None}


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/me/"


def test_i_set_and_clear_them_and_only_my_devices_hear(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room, django_assert_num_queries: Any
) -> None:
    new = NEW | {"room_id": closed.pk}
    assert api_of(bob).get(url(closed)).json() == new
    record = recorder()
    changes = {"notify": "none", "muted_until": "2026-12-01T09:30:00.5+01:30", "pinned": True}
    with django_assert_num_queries(7):
        answer = api_of(bob).patch(url(closed), changes, "json")
    set_now = new | changes | {"muted_until": "2026-12-01T08:00:00Z"}
    assert (answer.status_code, answer.json()) == (200, set_now)
    assert api_of(bob).get(f"/api/v1/rooms/{closed.pk}/").json()["me"] == set_now
    listed = {room["id"]: room["me"] for room in api_of(bob).get("/api/v1/rooms/").json()["results"]}
    assert listed[closed.pk] == set_now
    assert api_of(alice).get(url(closed)).json() == new
    assert api_of(bob).patch(url(closed), {"muted_until": None}, "json").json()["muted_until"] is None
    told = (f"user:{bob.pk}", "membership.updated")
    assert record.events() == [(*told, set_now), (*told, set_now | {"muted_until": None})]


def test_what_is_set_already_is_told_to_nobody(api_of: Any, recorder: Any, bob: User, closed: Room) -> None:
    record = recorder()
    for changes in ({}, {"pinned": False, "notify": "all"}, {"hidden": False}, {"muted_until": None}):
        assert api_of(bob).patch(url(closed), changes, "json").status_code == 200
    assert record.rows() == []


@pytest.mark.parametrize("is_own", [True, False])
def test_a_hidden_room_shows_again_when_somebody_writes(
    api_of: Any, alice: User, bob: User, django_assert_num_queries: Any, is_own: bool
) -> None:
    room, _ = open_direct_room(alice, bob)
    root, _ = send_message(alice, room.pk, "hai")
    hidden = api_of(bob).patch(url(room), {"hidden": True}, "json").json()
    assert (hidden["hidden"], hidden["hidden_seq"]) == (True, 1)
    assert api_of(bob).get("/api/v1/rooms/").json()["results"][0]["me"] == hidden
    send_message(alice, room.pk, "in a thread", parent_id=root.pk)
    assert api_of(bob).get(url(room)).json() == hidden
    send_message(bob if is_own else alice, room.pk, "are you there?")
    assert api_of(bob).get("/api/v1/rooms/").json()["results"][0]["me"]["hidden"] is False
    assert api_of(bob).get(url(room)).json()["hidden"] is False


@pytest.mark.parametrize(
    "body",
    [
        *({"notify": text} for text in ("some", "", None, 1, ["all"])),
        *({"pinned": text} for text in ("true", 1, None)),
        *({"hidden": text} for text in ("x", 0, None)),
        *({"muted_until": text} for text in ("", "tomorrow", "2026-11-30", "2026-11-30T08:00:00", "20261130T080000Z")),
        *(
            {"muted_until": text}
            for text in ("0001-01-01T00:00:00+14:00", "2026-02-30T08:00:00Z", 1, True, [], "x" * 9)
        ),
    ],
)
def test_what_can_not_be_set_is_400(api_of: Any, recorder: Any, bob: User, closed: Room, body: Any) -> None:
    record = recorder()
    answer = api_of(bob).patch(url(closed), {"pinned": True} | body, "json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(body)))
    assert record.rows() == []
    assert Membership.objects.get(room=closed, user=bob).settings_record == Membership().settings_record


def test_they_end_with_the_membership(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, open_room: Room
) -> None:
    api_of(bob).patch(url(open_room), {"pinned": True}, "json")
    members = Membership.objects.select_related("room", "user").filter(room=open_room)
    remove_member(members.get(user=alice), members.get(user=bob))
    record = recorder()
    for person in (bob, charlie):
        for answer in (api_of(person).get(url(open_room)), api_of(person).patch(url(open_room), {}, "json")):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")
        assert api_of(person).get(f"/api/v1/rooms/{open_room.pk}/").json()["me"] is None
    assert record.rows() == []


def test_an_archived_room_can_be_hidden(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    archive_room(Membership.objects.select_related("room").get(room=closed, user=alice))
    assert api_of(bob).patch(url(closed), {"hidden": True}, "json").json()["hidden"] is True
