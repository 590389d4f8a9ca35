"""GET /api/v1/chats/ in the shape of its seed: the latest messages sent to me in direct rooms, page by page."""

from typing import Any

import pytest

from chats.access.messages import DEEPEST_ROW
from chats.actions.messages import send_message
from rooms.actions.rooms import open_direct_room
from rooms.models import Room
from users.models import User

CHATS = "/api/v1/chats/"


@pytest.fixture
def thirteen(alice: User, bob: User, charlie: User, closed: Room) -> list[int]:
    """The ids of the messages sent to alice, newest first: every fourth by charlie. Others stand between them."""
    made = []
    for number in range(13):
        sender = charlie if number % 4 == 0 else bob
        room, _ = open_direct_room(sender, alice)
        made.append(send_message(sender, room.pk, f"hai {number}")[0].pk)
        send_message(alice, room.pk, "my answer")
        send_message(bob, closed.pk, "to the group")
    return made[::-1]


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [message["id"] for message in answer.json()["messages"]]


def test_the_first_page_is_the_seeds(
    api_of: Any, alice: User, thirteen: list[int], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        answer = api_of(alice).get(CHATS)
    assert answer.json()["meta"] == {"count": 13, "next": 2, "current_page": "1", "took": 10, "previous": None}
    assert ids(answer) == thirteen[:10]
    assert {message["received_by"] for message in answer.json()["messages"]} == {alice.pk}
    assert {"sent_by", "message", "sent_at", "received_by"} <= set(answer.json()["messages"][0])


def test_the_last_page_and_those_behind_it(api_of: Any, alice: User, thirteen: list[int]) -> None:
    answer = api_of(alice).get(f"{CHATS}?page=2")
    assert answer.json()["meta"] == {"count": 13, "next": None, "current_page": "2", "took": 3, "previous": 1}
    assert ids(answer) == thirteen[10:]
    assert api_of(alice).get(f"{CHATS}?page=3").status_code == 404


def test_a_full_last_page_has_no_next(api_of: Any, alice: User, thirteen: list[int]) -> None:
    answer = api_of(alice).get(f"{CHATS}?page_size=13")
    assert (ids(answer), answer.json()["meta"]["next"]) == (thirteen, None)


def test_it_is_empty_for_a_user_without_messages(api_of: Any, dana: User, thirteen: list[int]) -> None:
    assert api_of(dana).get(CHATS).json() == {
        "meta": {"count": 0, "next": None, "current_page": "1", "took": 0, "previous": None},
        "messages": [],
    }


@pytest.fixture
def dana(db: Any) -> User:
    from users.actions.people import create_user

    return create_user("dana")


def test_it_narrows_to_one_sender(api_of: Any, alice: User, bob: User, charlie: User, thirteen: list[int]) -> None:
    answer = api_of(alice).get(f"{CHATS}?user_id={charlie.pk}&page_size=3")
    assert answer.json()["meta"]["count"] == 4
    assert {message["sent_by"] for message in answer.json()["messages"]} == {charlie.pk}
    assert api_of(alice).get(f"{CHATS}?user_id={10**15}").json()["meta"]["count"] == 0
    assert {
        message["sent_by"] for message in api_of(charlie).get(f"{CHATS}?user_id={alice.pk}").json()["messages"]
    } == {alice.pk}


def test_it_lists_a_room_of_mine_and_no_other(
    api_of: Any, bob: User, charlie: User, closed: Room, thirteen: list[int], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        answer = api_of(bob).get(f"{CHATS}?room_id={closed.pk}&page_size=5&page=3")
    assert answer.json()["meta"] == {"count": 13, "next": None, "current_page": "3", "took": 3, "previous": 2}
    assert [message["seq"] for message in answer.json()["messages"]] == [3, 2, 1]
    assert api_of(charlie).get(f"{CHATS}?room_id={closed.pk}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=last",
        "page=",
        "page=1.0",
        "page=%00",
        f"page={DEEPEST_ROW}",
        "page=9223372036854775807",
        "page=99999999999999999999",
        "page_size=0",
        "page_size=101",
        "page_size=x",
        "user_id=me",
        "user_id=-1",
        "user_id=99999999999999999999",
        "room_id=general",
        "room_id=0&user_id=1",
    ],
)
def test_a_query_that_means_nothing_is_400(api_of: Any, alice: User, query: str) -> None:
    answer = api_of(alice).get(f"{CHATS}?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["field"] in query
