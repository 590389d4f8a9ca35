"""Who left a room by themselves is not put back by others for a day; closed rooms are opened by owners."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chatserver.errors import Forbidden
from chatserver.tests.harness.answers import assert_problem
from rooms.actions.members import forget_leavers
from rooms.actions.moderation import add_member
from rooms.models import Kind, Leaver, Membership, Room
from users.models import User


def url(room: Room, user: User | None = None) -> str:
    return f"/api/v1/rooms/{room.pk}/members/" + (f"{user.pk}/" if user else "")


def test_others_do_not_put_back_who_left(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room, open_room: Room, role_of: Any
) -> None:
    for room in (closed, open_room):
        assert api_of(bob).delete(url(room, bob)).status_code == 204
        record = recorder()
        answer = api_of(alice).post(url(room), {"user_ids": [charlie.pk, bob.pk]}, "json")
        assert_problem(answer, 403, "left_recently", field="user_id")
        assert (role_of(room, bob), role_of(room, charlie)) == (None, None)
        assert record.rows() == []
        with pytest.raises(Forbidden):
            add_member(charlie, room, bob)


def test_they_come_back_by_themselves_and_may_be_added_after_that(
    api_of: Any, alice: User, bob: User, open_room: Room, role_of: Any
) -> None:
    api_of(bob).delete(url(open_room, bob))
    assert api_of(bob).post(url(open_room), {"user_id": bob.pk}, "json").status_code == 201
    assert api_of(alice).delete(url(open_room, bob)).status_code == 204
    assert api_of(alice).post(url(open_room), {"user_id": bob.pk}, "json").status_code == 201
    assert role_of(open_room, bob) == "member"


def test_who_was_removed_by_others_did_not_leave(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    api_of(alice).delete(url(closed, bob))
    assert api_of(alice).post(url(closed), {"user_id": bob.pk}, "json").status_code == 201


def test_a_day_later_they_may_be_added(api_of: Any, alice: User, bob: User, dana: User, closed: Room) -> None:
    for person in (bob, dana):
        api_of(person).delete(url(closed, person))
    Leaver.objects.filter(user=bob).update(left_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert_problem(api_of(alice).post(url(closed), {"user_id": dana.pk}, "json"), 403, "left_recently")
    assert api_of(alice).post(url(closed), {"user_id": bob.pk}, "json").status_code == 201
    # They leave once more: it is the last time that counts.
    api_of(bob).delete(url(closed, bob))
    assert_problem(api_of(alice).post(url(closed), {"user_id": bob.pk}, "json"), 403, "left_recently")
    forget_leavers()
    assert Leaver.objects.count() == 2
    Leaver.objects.filter(user=bob).update(left_at=timezone.now() - timedelta(hours=25))
    forget_leavers()
    assert list(Leaver.objects.values_list("user_id", flat=True)) == [dana.pk]


def test_only_owners_open_a_closed_room(api_of: Any, recorder: Any, alice: User, dana: User, closed: Room) -> None:
    room = f"/api/v1/rooms/{closed.pk}/"
    record = recorder()
    assert api_of(dana).patch(room, {"kind": "open", "name": "Ours"}, "json").status_code == 403
    assert record.rows() == []
    assert api_of(dana).patch(room, {"kind": "closed", "name": "Ours"}, "json").status_code == 200
    assert api_of(alice).patch(room, {"kind": "open"}, "json").status_code == 200
    # Whoever may change a room may close it.
    assert api_of(dana).patch(room, {"kind": "open"}, "json").status_code == 200
    assert api_of(dana).patch(room, {"kind": "closed"}, "json").status_code == 200
    assert Room.objects.get(pk=closed.pk).kind == Kind.CLOSED
    assert Membership.objects.filter(room=closed).count() == 3
