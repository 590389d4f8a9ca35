"""A request that was authenticated before its user was banned or deleted changes nothing in rooms after that."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chatserver.errors import NotFound, Unauthorized
from rooms.actions.members import add_members, change_role
from rooms.actions.rooms import create_room
from rooms.models import Membership, Room
from users.actions.people import ban_user, delete_user
from users.models import User

Request = Callable[[APIClient, str, User], Any]
REQUESTS: dict[str, Request] = {
    "create": lambda api, room, bob: api.post("/api/v1/rooms/", {"name": "Tea"}, "json"),
    "open a direct room": lambda api, room, bob: api.post(
        "/api/v1/chats/", {"user_id": bob.pk, "message": "hai"}, "json"
    ),
    "change": lambda api, room, bob: api.patch(room, {"name": "Tea"}, "json"),
    "archive": lambda api, room, bob: api.delete(room),
    "add": lambda api, room, bob: api.post(f"{room}members/", {"user_id": bob.pk}, "json"),
    "remove": lambda api, room, bob: api.delete(f"{room}members/{bob.pk}/"),
    "give a role": lambda api, room, bob: api.patch(f"{room}members/{bob.pk}/", {"role": "owner"}, "json"),
    "send": lambda api, room, bob: api.post("/api/v1/chats/", {"room_id": 0, "message": "hai"}, "json"),
}
ends = pytest.mark.parametrize("end", [ban_user, delete_user])


@ends
@pytest.mark.parametrize("change", REQUESTS)
def test_it_is_refused(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room, end: Callable[[User], None], change: str
) -> None:
    end(User.objects.get(pk=alice.pk))
    record = recorder()
    answer = REQUESTS[change](api_of(alice), f"/api/v1/rooms/{closed.pk}/", bob)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), answer.content
    assert record.rows() == []


@ends
def test_they_join_and_remove_nothing(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, open_room: Room, end: Callable[[User], None]
) -> None:
    message, _ = send_message(bob, open_room.pk, "hai")
    for person in (alice, charlie):
        end(User.objects.get(pk=person.pk))
    record = recorder()
    join = api_of(charlie).post(f"/api/v1/rooms/{open_room.pk}/members/", {"user_id": charlie.pk}, "json")
    assert join.status_code == 401
    with pytest.raises(Unauthorized):
        remove_message(message, actor=alice)
    assert record.rows() == []


@ends
def test_others_give_them_nothing(
    recorder: Any, alice: User, bob: User, charlie: User, closed: Room, end: Callable[[User], None]
) -> None:
    owner, member = (
        Membership.objects.select_related("room", "user").get(room=closed, user=who) for who in (alice, bob)
    )
    for person in (bob, charlie):
        end(User.objects.get(pk=person.pk))
    record = recorder()
    with pytest.raises(NotFound):
        create_room(alice, [charlie], name="Tea", kind="closed")
    with pytest.raises(NotFound):
        add_members(owner, [charlie])
    with pytest.raises(NotFound):
        change_role(owner, member, "owner")
    assert record.rows() == []
