"""People are invited to rooms in person or by a link; what an invitation is worth is decided when it is accepted."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chatserver.tests.harness.invitations import MINE, accept, of_room
from chatserver.tests.harness.service import Service
from rooms.actions.blocks import block_person
from rooms.actions.rooms import create_room
from rooms.models import Invitation, Kind, Room
from users.models import User


def test_a_moderator_invites_a_person_who_accepts(
    api_of: Any, recorder: Any, charlie: User, dana: User, closed: Room, django_assert_num_queries: Any, role_of: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(14):
        answer = api_of(dana).post(of_room(closed), {"user_id": charlie.pk}, "json")
    made = answer.json()
    assert (answer.status_code, made.pop("code"), made["uses_left"], made["expires_at"]) == (201, None, None, None)
    assert made["room"]["name"] == "The closed room"
    assert api_of(dana).post(of_room(closed), {"user_id": charlie.pk}, "json").status_code == 200
    assert api_of(charlie).get(MINE).json()["results"] == [made]
    assert api_of(charlie).get(f"{MINE}{made['id']}/").json() == made
    assert api_of(dana).get(of_room(closed)).json()["results"] == [made]
    assert record.events() == [(f"user:{charlie.pk}", "invitation.created", made)]
    with django_assert_num_queries(20):
        accepted = accept(api_of(charlie), made["id"])
    assert (accepted.status_code, accepted.json()["role"]) == (201, "member")
    assert role_of(closed, charlie) == "member"
    assert api_of(charlie).get(MINE).json()["results"] == []
    ended = (f"user:{charlie.pk}", "invitation.removed", {"id": made["id"], "room_id": closed.pk})
    assert ended in record.events()
    assert accept(api_of(charlie), made["id"]).json()["code"] == "invitation_not_found"


def test_a_link_is_for_so_many_people(
    api_of: Any, alice: User, bob: User, charlie: User, closed: Room, link: Any, role_of: Any
) -> None:
    assert link["code"].startswith("ci_")
    assert "code" not in api_of(alice).get(of_room(closed)).json()["results"][0]
    assert api_of(charlie).get(f"{MINE}{link['code']}/").json()["room"]["members_count"] == 3
    assert accept(api_of(bob), link["code"]).status_code == 200
    assert accept(api_of(charlie), link["code"]).status_code == 201
    assert role_of(closed, charlie) == "member"
    (listed,) = api_of(alice).get(of_room(closed)).json()["results"]
    assert listed["uses_left"] == 1
    assert accept(api_of(charlie), link["id"]).json()["code"] == "invitation_not_found"


def test_members_of_a_closed_room_do_not_invite_and_those_of_an_open_one_do(
    api_of: Any, recorder: Any, bob: User, charlie: User, closed: Room, open_room: Room
) -> None:
    record = recorder()
    for body in ({"user_id": charlie.pk}, {}):
        assert api_of(bob).post(of_room(closed), body, "json").status_code == 403
        assert api_of(charlie).post(of_room(closed), body, "json").status_code == 404
    assert api_of(bob).get(of_room(closed)).status_code == 403
    assert record.rows() == []
    assert api_of(bob).post(of_room(open_room), {"user_id": charlie.pk}, "json").status_code == 201


def test_an_invitation_is_nobody_elses(
    api_of: Any, recorder: Any, bob: User, charlie: User, invited: Any, link: Any
) -> None:
    record = recorder()
    for answer in (
        api_of(bob).get(f"{MINE}{invited['id']}/"),
        api_of(bob).delete(f"{MINE}{invited['id']}/"),
        api_of(charlie).delete(f"{MINE}{link['id']}/"),
        accept(api_of(bob), invited["id"]),
        accept(api_of(charlie), "ci_wrong"),
        accept(api_of(charlie), "x"),
        accept(api_of(charlie), "9" * 30),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "invitation_not_found")
    assert record.rows() == []


def test_who_and_what_can_not_be_invited(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_person(charlie, alice)
    monkeypatch.setattr("rooms.actions.invitations.MAX_INVITATIONS", 0)
    record = recorder()
    for body, status, code in (
        ({"user_id": bob.pk}, 409, "already_a_member"),
        ({"user_id": charlie.pk}, 403, "direct_messages_closed"),
        ({"user_id": 999_999_999}, 404, "user_not_found"),
        ({}, 409, "too_many_invitations"),
        *((body, 400, "invalid") for body in ({"uses": 0}, {"expires_in": 59}, {"user_id": bob.pk, "uses": 1})),
    ):
        answer = api_of(alice).post(of_room(closed), body, "json")
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    general = api_of(alice).post("/api/v1/rooms/0/invitations/", {}, "json")
    assert (general.status_code, general.json()["code"]) == (403, "room_is_fixed")
    assert record.rows() == []


def test_a_member_does_not_use_up_all_invitations(
    api_of: Any, bob: User, charlie: User, dana: User, open_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.actions.invitations.MAX_INVITATIONS_OF_A_MEMBER", 1)
    for status in (201, 200):
        assert api_of(bob).post(of_room(open_room), {"user_id": charlie.pk}, "json").status_code == status
    refused = api_of(bob).post(of_room(open_room), {}, "json")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_invitations")
    for _ in range(2):
        assert api_of(dana).post(of_room(open_room), {}, "json").status_code == 201


def test_who_is_in_too_many_rooms_uses_nothing_up(api_of: Any, charlie: User, link: Any, settings: Any) -> None:
    settings.CHAT_MAX_ROOMS = 1
    create_room(charlie, [], name="one", kind=Kind.CLOSED)
    assert accept(api_of(charlie), link["code"]).json()["code"] == "too_many_rooms"
    assert Invitation.objects.get().uses_left == 2


def test_of_people_at_the_same_moment_a_link_takes_exactly_as_many_as_it_may(granian: Service) -> None:
    alice, *others = granian.people(7)
    room = alice.make_room()
    made = alice.post(f"/api/v1/rooms/{room}/invitations/", json={"uses": 3}).json()
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(one.post, f"/api/v1/invitations/{made['code']}/accept/") for one in others]
        assert sorted(each.result().status_code for each in sent) == [201] * 3 + [404] * 3
    assert alice.get(f"/api/v1/rooms/{room}/").json()["members_count"] == 4
