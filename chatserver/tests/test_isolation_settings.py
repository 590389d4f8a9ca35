"""Who may open direct rooms and make groups, by CHAT_DIRECT_MESSAGES and CHAT_ROOM_CREATION; and who may anyway."""

from typing import Any

import pytest

from chatserver.tests.harness.answers import assert_problem
from rooms.actions import general
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Kind, Membership, Room
from users.actions.people import create_user
from users.models import User

pytestmark = pytest.mark.usefixtures("narrow")


@pytest.mark.parametrize("right", ["is_staff", "is_service"])
def test_staff_and_services_see_everybody_and_make_rooms(api_of: Any, alice: User, right: str) -> None:
    stranger = create_user("mallory")
    setattr(alice, right, True)
    alice.save()
    client = api_of(alice)
    assert client.get(f"/api/v1/users/{stranger.pk}/").status_code == 200
    assert client.get("/api/v1/users/?q=mall").json()["results"][0]["id"] == stranger.pk
    body = {"name": "Support", "members": [stranger.pk]}
    assert client.post("/api/v1/rooms/", body, "json").status_code == 201
    assert client.post("/api/v1/chats/", {"user_id": stranger.pk, "message": "hai"}, "json").status_code == 201


@pytest.mark.parametrize(
    ("setting", "shares_general", "shares_a_room", "status"),
    [
        ("anybody", False, False, 201),
        ("rooms", False, True, 201),
        ("rooms", True, False, 403),
        ("rooms", False, False, 403),
        ("nobody", True, True, 403),
    ],
)
def test_who_may_open_a_direct_room_with_whom(
    api_of: Any,
    settings: Any,
    alice: User,
    charlie: User,
    setting: str,
    shares_general: bool,
    shares_a_room: bool,
    status: int,
) -> None:
    settings.CHAT_DIRECTORY, settings.CHAT_DIRECT_MESSAGES = "everybody", setting
    settings.CHAT_GENERAL = shares_general
    for _ in general.switch():
        pass
    if shares_a_room:
        create_room(alice, [charlie], name="Order 551", kind=Kind.CLOSED)
    client = api_of(alice)
    answer = client.post("/api/v1/chats/", {"user_id": charlie.pk, "message": "hai"}, "json")
    old = client.post("/room", {"user1": alice.pk, "user2": charlie.pk}, "json")
    if status == 201:
        assert (answer.status_code, old.status_code) == (201, 200)
    else:
        assert_problem(answer, 403, "direct_messages_closed")
        assert old.status_code == 403
        assert not Room.objects.filter(kind=Kind.DIRECT).exists()


def test_a_direct_room_that_is_there_goes_on_whatever_the_setting_says(
    api_of: Any, settings: Any, alice: User, charlie: User
) -> None:
    settings.CHAT_DIRECT_MESSAGES = "anybody"
    room, _ = open_direct_room(alice, charlie)
    settings.CHAT_DIRECT_MESSAGES = "nobody"
    answer = api_of(charlie).post("/api/v1/chats/", {"user_id": alice.pk, "message": "hai"}, "json")
    assert (answer.status_code, answer.json()["room_id"]) == (201, room.pk)


def test_people_make_no_rooms_where_services_do(api_of: Any, settings: Any, alice: User, bob: User) -> None:
    body = {"name": "mine"}
    assert_problem(api_of(alice).post("/api/v1/rooms/", body, "json"), 403, "room_creation_closed")
    assert not Membership.objects.filter(user=alice).exists()
    settings.CHAT_ROOM_CREATION = "everybody"
    assert api_of(alice).post("/api/v1/rooms/", body, "json").status_code == 201
