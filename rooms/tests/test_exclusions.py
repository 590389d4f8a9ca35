"""Who is deleted leaves their rooms, one by one; who is banned stays, and owns none."""

from typing import Any

import pytest

from chatserver.errors import Conflict
from rooms.actions import exclusions
from rooms.actions.exclusions import settle_all, settle_next
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import GENERAL_ID, Exclusion, Membership, Role, Room
from users.actions.people import ban_user, delete_user
from users.models import User


def test_a_deleted_person_leaves_groups_and_general_but_no_direct_room(
    recorder: Any, alice: User, bob: User, closed: Room, role_of: Any
) -> None:
    direct, _ = open_direct_room(alice, bob)
    general = Room.objects.get(pk=GENERAL_ID)
    record = recorder()
    delete_user(alice)
    settle_all()
    assert (role_of(closed, alice), role_of(general, alice), role_of(direct, alice)) == (None, None, "member")
    assert Room.objects.get(pk=GENERAL_ID).members_count == general.members_count - 1
    removed = {topic: body for topic, event, body in record.events() if event == "member.removed"}
    assert set(removed) == {general.topic, closed.topic}
    assert {body["user"]["username"] for body in removed.values()} == {f"deleted {alice.pk}"}
    assert not Exclusion.objects.exists()


def test_rooms_are_left_one_at_a_time_and_general_last(bob: User, closed: Room, open_room: Room) -> None:
    delete_user(bob)
    left = []
    for _ in range(3):
        before = set(Membership.objects.filter(user=bob).values_list("room_id", flat=True))
        assert settle_next()
        left += before - set(Membership.objects.filter(user=bob).values_list("room_id", flat=True))
    assert left == [open_room.pk, closed.pk, GENERAL_ID]
    settle_all()
    assert not settle_next()


def test_members_lists_are_without_the_deleted_at_once(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    direct, _ = open_direct_room(alice, bob)
    delete_user(bob)
    for room in (closed, Room.objects.get(pk=GENERAL_ID)):
        url = f"/api/v1/rooms/{room.pk}/members/"
        assert bob.pk not in [member["user"]["id"] for member in api_of(alice).get(url).json()["results"]]
        assert api_of(alice).get(f"{url}{bob.pk}/").status_code == 404
    # The two people of a direct room stay: their messages do, too.
    of_direct = api_of(alice).get(f"/api/v1/rooms/{direct.pk}/members/").json()["results"]
    assert [member["user"]["is_deleted"] for member in of_direct] == [False, True]


def test_a_banned_owner_stays_as_a_member(recorder: Any, alice: User, dana: User, closed: Room, role_of: Any) -> None:
    record = recorder()
    ban_user(alice)
    settle_all()
    assert [role_of(closed, person) for person in (alice, dana)] == ["member", "owner"]
    announced = [(body["user"]["id"], body["role"]) for _, event, body in record.events() if event == "member.updated"]
    assert announced == [(alice.pk, "member"), (dana.pk, "owner")]
    assert Room.objects.get(pk=closed.pk).members_count == 3


def test_a_banned_moderator_keeps_the_role(dana: User, closed: Room, role_of: Any) -> None:
    ban_user(dana)
    settle_all()
    assert role_of(closed, dana) == "moderator"


def test_who_is_deleted_after_a_ban_leaves_too(alice: User, closed: Room) -> None:
    ban_user(alice)
    delete_user(alice)
    settle_all()
    assert not Membership.objects.filter(user=alice).exists()
    with pytest.raises(Conflict):
        delete_user(alice)
    with pytest.raises(Conflict):
        ban_user(alice)


@pytest.mark.parametrize("change", ["removed", "owner"])
def test_what_changes_before_the_room_is_locked_is_seen(
    alice: User, bob: User, closed: Room, role_of: Any, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    lock = exclusions.lock_room

    def lock_too_late(room: Room) -> Room:
        theirs = Membership.objects.filter(room=closed, user=bob)
        if room.pk == closed.pk and change == "removed":
            theirs.delete()
        elif room.pk == closed.pk:
            Membership.objects.filter(room=closed, user=alice).update(role=Role.MEMBER)
            theirs.update(role=Role.OWNER)
        return lock(room)

    monkeypatch.setattr(exclusions, "lock_room", lock_too_late)
    delete_user(bob)
    settle_all()
    assert not Membership.objects.filter(user=bob).exists()
    assert Membership.objects.filter(room=closed, role=Role.OWNER).count() == 1


def test_settling_a_room_costs_so_many_queries(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    create_room(bob, [alice], name="Tea", kind="closed")
    delete_user(alice)
    with django_assert_num_queries(13):  # two of them the savepoint that stands for the transaction
        settle_next()
