"""The list of my rooms: most recently active first, paged by key, and nobody else's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.models import Message
from chats.serializers.messages import shown_message
from rooms.actions.rooms import archive_room, create_room, open_direct_room
from rooms.models import Kind, Membership, Room
from users.models import User

ROOMS = "/api/v1/rooms/"
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def seven(alice: User, bob: User) -> list[int]:
    """Ids of alice's rooms, the most recently active first; General is the last of them."""
    rooms = [create_room(alice, [bob], name=f"room {number}", kind=Kind.CLOSED) for number in range(6)]
    # The order has nothing to do with clocks.
    for minutes, room in enumerate([Room.objects.get(pk=0), *rooms]):
        Room.objects.filter(pk=room.pk).update(last_active_at=START - timedelta(minutes=minutes // 2))
    return [rooms[5].pk, rooms[4].pk, rooms[3].pk, rooms[2].pk, rooms[1].pk, rooms[0].pk, 0]


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [room["id"] for room in answer.json()["results"]]


def test_it_leads_through_all_my_rooms_and_back(api_of: Any, alice: User, seven: list[int]) -> None:
    client = api_of(alice)
    first = client.get(f"{ROOMS}?limit=3")
    second = client.get(f"{ROOMS}?limit=3&after={first.json()['next']}")
    third = client.get(f"{ROOMS}?limit=3&after={second.json()['next']}")
    assert ids(first) + ids(second) + ids(third) == seven
    assert first.json()["previous"] is None
    assert third.json()["next"] is None
    back = client.get(f"{ROOMS}?limit=3&before={third.json()['previous']}")
    assert ids(back) == ids(second)
    top = client.get(f"{ROOMS}?limit=3&before={back.json()['previous']}")
    assert (ids(top), top.json()["previous"]) == (ids(first), None)
    assert ids(client.get(f"{ROOMS}?limit=3&after={top.json()['next']}")) == ids(second)


def test_it_shows_nothing_of_others(api_of: Any, charlie: User, seven: list[int]) -> None:
    assert ids(api_of(charlie).get(ROOMS)) == [0]
    assert ids(api_of(charlie).get(f"{ROOMS}?after=1000000.1000000.0.1000000")) == [0]


def test_a_message_moves_its_room_to_the_top_and_is_in_the_list(
    api_of: Any, alice: User, bob: User, seven: list[int]
) -> None:
    lowest = Room.objects.get(pk=seven[5])
    message, _ = send_message(bob, lowest.pk, "up")
    answer = api_of(alice).get(ROOMS)
    top = answer.json()["results"][0]
    assert top["id"] == lowest.pk
    assert (top["unread"], top["last_seq"]) == (1, 1)
    assert (top["last_message"]["id"], top["last_message"]["message"]) == (message.pk, "up")
    assert top["last_message"]["sender"]["username"] == "bob"
    assert api_of(bob).get(ROOMS).json()["results"][0]["unread"] == 0
    assert answer.json()["results"][1]["last_message"] is None


def test_the_text_of_a_removed_last_message_is_gone(api_of: Any, alice: User, bob: User, seven: list[int]) -> None:
    message, _ = send_message(bob, Room.objects.get(pk=seven[0]).pk, "a secret")
    remove_message(message, actor=bob)
    answer = api_of(alice).get(ROOMS)
    assert answer.json()["results"][0]["last_message"]["message"] == ""
    assert b"a secret" not in answer.content


def test_archived_rooms_stand_there_only_when_asked_for(api_of: Any, alice: User, seven: list[int]) -> None:
    archive_room(Membership.objects.select_related("room").get(room_id=seven[2], user=alice))
    assert ids(api_of(alice).get(ROOMS)) == seven[:2] + seven[3:]
    assert ids(api_of(alice).get(f"{ROOMS}?archived=true")) == seven


def test_joinable_rooms_are_the_open_ones_that_i_am_not_in(
    api_of: Any, bob: User, charlie: User, open_room: Room, closed: Room
) -> None:
    answer = api_of(charlie).get(f"{ROOMS}?joinable=true")
    assert ids(answer) == [open_room.pk]
    (shown,) = answer.json()["results"]
    assert (shown["role"], shown["unread"], shown["last_message"]) == (None, None, None)
    assert ids(api_of(bob).get(f"{ROOMS}?joinable=true")) == []
    Room.objects.filter(pk=open_room.pk).update(archived_at=START)
    assert ids(api_of(charlie).get(f"{ROOMS}?joinable=1")) == []


@pytest.mark.parametrize(
    "query",
    [
        "before=1&after=1",
        "around=0",
        "around=0&before=0",
        "joinable=true&around=0",
        "limit=0",
        "limit=101",
        "limit=99999999999999999999",
        "limit=-1",
        "limit=",
        "after=-1",
        "after=",
        "after=%00",
        "after=٣",
        "before=99999999999999999999",
        "after=1.0",
        "after=7",
        "after=1.1.2.1",
        "after=1.1.0.1.x",
        "after=1.1.0.-1",
        "joinable=true&after=1.1.0.1",
        "joinable=maybe",
        "archived=",
    ],
)
def test_a_query_that_means_nothing_is_400(api_of: Any, alice: User, query: str) -> None:
    answer = api_of(alice).get(f"{ROOMS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in query


def test_a_list_costs_the_same_however_long_it_is(
    api_of: Any, alice: User, bob: User, seven: list[int], django_assert_num_queries: Any
) -> None:
    for room in Room.objects.filter(pk__in=seven):
        send_message(bob, room.pk, "hello")
    for limit in (1, 7):
        with django_assert_num_queries(3):
            api_of(alice).get(f"{ROOMS}?limit={limit}")
    following = api_of(alice).get(f"{ROOMS}?limit=2").json()["next"]
    with django_assert_num_queries(3):
        api_of(alice).get(f"{ROOMS}?limit=2&after={following}")


def test_one_room_is_shown_to_its_members_and_an_open_one_to_all(
    api_of: Any, bob: User, charlie: User, open_room: Room, closed: Room, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        shown = api_of(bob).get(f"{ROOMS}{closed.pk}/").json()
    assert (shown["id"], shown["role"], shown["name"]) == (closed.pk, "member", "The closed room")
    assert api_of(charlie).get(f"{ROOMS}{open_room.pk}/").json()["role"] is None
    assert api_of(charlie).get(f"{ROOMS}{closed.pk}/").status_code == 404


def test_the_list_shows_rooms_as_each_one_is_shown_alone(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    """The list is read by functions of the database, not as models."""
    direct, _ = open_direct_room(alice, bob)
    for room in (closed, direct):
        send_message(bob, room.pk, "hello", client_message_id=f"for {room.pk}")
    archive_room(Membership.objects.select_related("room").get(room=closed, user=alice))
    User.objects.filter(pk=bob.pk).update(display_name="Bob", avatar_url="https://example.org/b", deleted_at=START)
    client = api_of(alice)
    listed = client.get(f"{ROOMS}?archived=1").json()["results"]
    assert {closed.pk, direct.pk} <= {room["id"] for room in listed}
    for room in listed:
        assert client.get(f"{ROOMS}{room['id']}/").json() == room
        last = Message.objects.select_related("sender").filter(room=room["id"]).order_by("seq").last()
        assert room["last_message"] == (last and shown_message(last.record))


@pytest.mark.parametrize("room", ["-1", "junk", "9" * 20, "%00", "1e3", "٣", "1%2F2", "None"])
def test_an_id_that_can_be_none_is_not_there(api_of: Any, alice: User, room: str) -> None:
    for end in ("", "members/", "messages/", "members/1/"):
        assert api_of(alice).get(f"{ROOMS}{room}/{end}").status_code == 404
