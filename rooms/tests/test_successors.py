"""Who becomes owner of a room that loses its last active one; without anybody the room is archived."""

from collections.abc import Callable
from typing import Any

import pytest

from chats.actions.messages import send_message
from rooms.actions.exclusions import settle_all
from rooms.actions.members import remove_member
from rooms.models import Membership, Role, Room
from users.actions.people import ban_user, delete_user, unban_user
from users.models import User


def leave(user: User, room: Room) -> None:
    mine = Membership.objects.select_related("room", "user").get(room=room, user=user)
    remove_member(mine, mine)


def be_deleted(user: User, room: Room) -> None:
    delete_user(user)
    settle_all()


def be_banned(user: User, room: Room) -> None:
    ban_user(user)
    settle_all()


Ending = Callable[[User, Room], None]
however_owners_end = pytest.mark.parametrize("end", [leave, be_deleted, be_banned])


@however_owners_end
def test_the_room_goes_to_a_moderator(
    recorder: Any, alice: User, bob: User, dana: User, closed: Room, role_of: Any, end: Ending
) -> None:
    send_message(bob, closed.pk, "I write, and am no moderator")
    record = recorder()
    end(alice, closed)
    assert (role_of(closed, dana), role_of(closed, bob)) == ("owner", "member")
    announced = [body for topic, event, body in record.events() if event == "member.updated" and topic == closed.topic]
    assert [(body["user"]["id"], body["role"]) for body in announced][-1] == (dana.pk, "owner")


@however_owners_end
def test_without_moderators_it_goes_to_the_oldest_member_who_wrote_there(
    alice: User, bob: User, charlie: User, dana: User, closed: Room, role_of: Any, end: Ending
) -> None:
    Membership.objects.filter(room=closed, user=dana).update(role=Role.MEMBER)
    Membership.objects.create(room=closed, user=charlie)
    send_message(charlie, closed.pk, "the newest member")
    send_message(dana, closed.pk, "older than charlie")
    end(alice, closed)
    assert [role_of(closed, person) for person in (bob, dana, charlie)] == ["member", "owner", "member"]


@however_owners_end
def test_where_nobody_else_wrote_the_room_is_archived(
    recorder: Any, alice: User, bob: User, dana: User, closed: Room, role_of: Any, end: Ending
) -> None:
    Membership.objects.filter(room=closed, user=dana).update(role=Role.MEMBER)
    send_message(alice, closed.pk, "only the owner wrote")
    record = recorder()
    end(alice, closed)
    closed.refresh_from_db()
    assert closed.archived_at is not None
    assert [role_of(closed, person) for person in (bob, dana)] == ["member", "member"]
    assert "room.archived" in [event for topic, event, _ in record.events() if topic == closed.topic]


@however_owners_end
@pytest.mark.parametrize("exclude", [ban_user, delete_user])
def test_banned_and_deleted_people_become_no_owners(
    alice: User, bob: User, dana: User, closed: Room, role_of: Any, end: Ending, exclude: Any
) -> None:
    send_message(bob, closed.pk, "hai")
    exclude(dana)  # and her rooms are not settled yet
    end(alice, closed)
    assert role_of(closed, bob) == "owner"
    assert role_of(closed, dana) != "owner"


@however_owners_end
def test_a_room_with_another_active_owner_keeps_them(
    alice: User, bob: User, dana: User, closed: Room, role_of: Any, end: Ending
) -> None:
    Membership.objects.filter(room=closed, user=bob).update(role=Role.OWNER)
    end(alice, closed)
    assert [role_of(closed, person) for person in (bob, dana)] == ["owner", "moderator"]


def test_a_banned_owner_does_not_count_as_one(alice: User, bob: User, dana: User, closed: Room, role_of: Any) -> None:
    Membership.objects.filter(room=closed, user=bob).update(role=Role.OWNER)
    ban_user(bob)
    leave(alice, closed)
    assert role_of(closed, dana) == "owner"


def test_who_was_banned_is_an_ordinary_member_when_they_come_back(
    alice: User, bob: User, dana: User, closed: Room, role_of: Any
) -> None:
    be_banned(alice, closed)
    unban_user(alice)
    settle_all()
    assert [role_of(closed, person) for person in (alice, dana)] == ["member", "owner"]


def test_a_ban_that_is_lifted_at_once_changes_nothing(alice: User, dana: User, closed: Room, role_of: Any) -> None:
    ban_user(alice)
    unban_user(alice)
    settle_all()
    assert [role_of(closed, person) for person in (alice, dana)] == ["owner", "moderator"]


def test_who_was_made_owner_meanwhile_hands_on_too(
    alice: User, bob: User, dana: User, closed: Room, role_of: Any
) -> None:
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    stale = members.get(user=bob)
    members.filter(user=alice).update(role="member")
    members.filter(user=bob).update(role="owner")
    remove_member(members.get(user=bob), stale)
    assert role_of(closed, dana) == "owner"


def test_an_archived_room_is_handed_on_too_and_not_archived_again(
    alice: User, bob: User, dana: User, closed: Room, role_of: Any, api_of: Any
) -> None:
    assert api_of(alice).delete(f"/api/v1/rooms/{closed.pk}/").status_code == 204
    archived_at = Room.objects.get(pk=closed.pk).archived_at
    leave(alice, closed)
    assert role_of(closed, dana) == "owner"
    leave(dana, closed)
    assert Room.objects.get(pk=closed.pk).archived_at == archived_at
