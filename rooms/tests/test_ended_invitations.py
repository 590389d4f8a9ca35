"""Invitations end: by time, by those who made them, and with the rights of these."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chatserver.tests.harness.invitations import MINE, accept, of_room
from rooms.actions.exclusions import settle_all
from rooms.actions.invitations import forget_invitations
from rooms.actions.members import add_members, remove_member
from rooms.actions.rooms import archive_room
from rooms.models import Invitation, Kind, Membership, Room
from users.actions.people import ban_user
from users.models import User


def member(room: Room, user: User) -> Membership:
    return Membership.objects.select_related("room", "user").get(room=room, user=user)


@pytest.mark.parametrize("what", ["expired", "inviter left", "inviter demoted", "declined", "revoked", "archived"])
def test_an_invitation_ends(
    api_of: Any,
    recorder: Any,
    alice: User,
    charlie: User,
    dana: User,
    closed: Room,
    invited: Any,
    link: Any,
    what: str,
    role_of: Any,
) -> None:
    if what == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    if what == "inviter left":
        remove_member(member(closed, alice), member(closed, dana))
        assert not Invitation.objects.exists()
    if what == "inviter demoted":
        Membership.objects.filter(room=closed, user=dana).update(role="member")
    if what == "archived":
        record = recorder()
        archive_room(member(closed, alice))
        told = {"id": invited["id"], "room_id": closed.pk}
        assert (f"user:{charlie.pk}", "invitation.removed", told) in record.events()
        assert api_of(charlie).get(MINE).json()["results"] == []
    if what in {"declined", "revoked"}:
        remover = charlie if what == "declined" else alice
        assert api_of(remover).delete(f"{MINE}{invited['id']}/").status_code == 204
        assert api_of(alice).delete(f"{MINE}{link['id']}/").status_code == 204
        assert api_of(charlie).delete(f"{MINE}{invited['id']}/").status_code == 404
    for key in (invited["id"], link["code"]):
        answer = accept(api_of(charlie), key)
        leads_there_again = what == "archived" and key == link["code"]
        expected = (403, "room_archived") if leads_there_again else (404, "invitation_not_found")
        assert (answer.status_code, answer.json()["code"]) == expected
    assert role_of(closed, charlie) is None
    forget_invitations()
    assert Invitation.objects.exists() == (what in {"archived", "inviter demoted"})


@pytest.mark.parametrize("what", ["demoted", "banned", "closed"])
def test_an_invitation_ends_with_the_right_of_its_inviter(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, open_room: Room, what: str
) -> None:
    inviter = bob if what == "closed" else dana
    if what != "closed":
        Room.objects.update(kind=Kind.CLOSED)
    url = f"/api/v1/rooms/{open_room.pk}/"
    made = api_of(inviter).post(of_room(open_room), {"user_id": charlie.pk}, "json").json()
    api_of(inviter).post(of_room(open_room), {}, "json")
    others = api_of(alice).post(of_room(open_room), {}, "json").json()
    record = recorder()
    if what == "banned":
        ban_user(inviter)
        assert api_of(charlie).get(MINE).json()["results"] == []  # also before the rest is settled
        settle_all()
    elif what == "demoted":
        assert api_of(alice).patch(f"{url}members/{inviter.pk}/", {"role": "member"}, "json").status_code == 200
    else:
        assert api_of(alice).patch(url, {"kind": "closed"}, "json").status_code == 200
    assert api_of(charlie).get(MINE).json()["results"] == []
    assert api_of(charlie).get(f"{MINE}{made['id']}/").status_code == 404
    assert api_of(charlie).get("/api/v1/sync/").json()["invitations"] == []
    (left,) = api_of(alice).get(of_room(open_room)).json()["results"]
    assert left["id"] == others["id"]
    assert list(Invitation.objects.values_list("pk", flat=True)) == [others["id"]]
    ended = (f"user:{charlie.pk}", "invitation.removed", {"id": made["id"], "room_id": open_room.pk})
    assert [event for event in record.events() if event[1] == "invitation.removed"] == [ended]


def test_a_list_has_what_its_address_has(
    api_of: Any, alice: User, charlie: User, dana: User, closed: Room, invited: Any
) -> None:
    for role, status in (("member", 404), ("moderator", 200)):
        Membership.objects.filter(room=closed, user=dana).update(role=role)
        assert api_of(charlie).get(f"{MINE}{invited['id']}/").status_code == status
        expected = [invited["id"]] if status == 200 else []
        for lists in (api_of(charlie).get(MINE), api_of(alice).get(of_room(closed))):
            assert [each["id"] for each in lists.json()["results"]] == expected
        assert [each["id"] for each in api_of(charlie).get("/api/v1/sync/").json()["invitations"]] == expected
    assert api_of(charlie).delete(f"{MINE}{invited['id']}/").status_code == 204


def test_who_was_invited_by_somebody_who_no_longer_may_is_invited_anew(
    api_of: Any, recorder: Any, alice: User, charlie: User, dana: User, closed: Room, invited: Any
) -> None:
    Membership.objects.filter(room=closed, user=dana).update(role="member")
    assert accept(api_of(charlie), invited["id"]).json()["code"] == "invitation_not_found"
    record = recorder()
    answer = api_of(alice).post(of_room(closed), {"user_id": charlie.pk}, "json")
    made = answer.json()
    assert (answer.status_code, made.pop("code"), made["inviter"]["id"]) == (201, None, alice.pk)
    assert record.events() == [
        (f"user:{charlie.pk}", "invitation.removed", {"id": invited["id"], "room_id": closed.pk}),
        (f"user:{charlie.pk}", "invitation.created", made),
    ]
    assert api_of(charlie).get(MINE).json()["results"] == [made]
    assert accept(api_of(charlie), made["id"]).status_code == 201


def test_who_is_added_meanwhile_is_no_longer_invited(
    api_of: Any, alice: User, charlie: User, closed: Room, invited: Any
) -> None:
    add_members(member(closed, alice), [charlie])
    assert api_of(charlie).get(MINE).json()["results"] == []
