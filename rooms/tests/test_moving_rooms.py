"""Rooms move to the top of the list while somebody pages through it: none is skipped, and the pages end."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from rest_framework.test import APIClient

from chats.actions.messages import send_message
from chatserver.tests.harness.service import Service
from rooms.actions.rooms import create_room
from rooms.models import Kind, Room
from users.models import User

ROOMS = "/api/v1/rooms/"


@pytest.fixture
def nine(alice: User, bob: User) -> list[Room]:
    """Alice's rooms, the most recently active first; General is the last of them."""
    rooms = [create_room(alice, [bob], name=f"room {number}", kind=Kind.CLOSED) for number in range(8)]
    return [*reversed(rooms), Room.objects.get(pk=0)]


def pages_of(client: APIClient, limit: int, after_page: Callable[[int], object]) -> list[list[int]]:
    """The ids on each page; `after_page` is called with the number of pages so far."""
    pages: list[list[int]] = []
    query = f"?limit={limit}"
    while True:
        answer = client.get(f"{ROOMS}{query}").json()
        pages.append([room["id"] for room in answer["results"]])
        assert len(pages) < 30, "the list does not end"
        after_page(len(pages))
        if answer["next"] is None:
            return pages
        query = f"?limit={limit}&after={answer['next']}"


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_a_room_that_moves_up_before_it_was_shown_follows_behind_the_bottom(
    api_of: Any, alice: User, bob: User, nine: list[Room], limit: int
) -> None:
    def move(pages: int) -> None:
        if pages == 1:
            send_message(bob, nine[6].pk, "up")

    pages = pages_of(api_of(alice), limit, move)
    shown = [room_id for page in pages for room_id in page]
    assert shown == [room.pk for room in (*nine[:6], *nine[7:], nine[6])]
    assert len(pages) == -(-9 // limit)


@pytest.mark.parametrize("limit", [1, 2, 4])
@pytest.mark.parametrize("moving", [(0,), (8,), (8, 7, 6), (0, 4, 8), (1, 2, 3, 4, 5, 6, 7, 8)])
def test_rooms_that_move_all_the_time_come_and_the_list_ends(
    api_of: Any, alice: User, bob: User, nine: list[Room], limit: int, moving: tuple[int, ...]
) -> None:
    def move(pages: int) -> None:
        for index in moving:
            send_message(bob, nine[index].pk, f"{pages}")

    pages = pages_of(api_of(alice), limit, move)
    shown = [room_id for page in pages for room_id in page]
    assert set(shown) == {room.pk for room in nine}
    for index, room in enumerate(nine):
        assert shown.count(room.pk) <= (2 if index in moving else 1), index


def test_rooms_of_later_do_not_make_the_list_longer(api_of: Any, alice: User, bob: User, nine: list[Room]) -> None:
    pages = pages_of(api_of(alice), 1, lambda pages: create_room(alice, [bob], name=f"{pages}", kind=Kind.CLOSED))
    assert [room_id for page in pages for room_id in page] == [room.pk for room in nine]


def test_one_pages_back_over_rooms_that_moved(api_of: Any, alice: User, bob: User, nine: list[Room]) -> None:
    client = api_of(alice)
    first = client.get(f"{ROOMS}?limit=4").json()
    send_message(bob, nine[7].pk, "up")
    second = client.get(f"{ROOMS}?limit=4&after={first['next']}").json()
    third = client.get(f"{ROOMS}?limit=4&after={second['next']}").json()
    assert [room["id"] for room in third["results"]] == [nine[7].pk]
    back = client.get(f"{ROOMS}?limit=4&before={third['previous']}").json()
    assert [room["id"] for room in back["results"]] == [room.pk for room in (nine[4], nine[5], nine[6], nine[8])]
    back = client.get(f"{ROOMS}?limit=4&before={back['previous']}").json()
    assert ([room["id"] for room in back["results"]], back["previous"]) == ([room.pk for room in nine[:4]], None)


def test_a_message_that_is_not_committed_yet_hides_no_room(granian: Service) -> None:
    """It has taken its number before another message, and is seen after it."""
    alice, bob = granian.people(2)
    slow, quick, still = (alice.make_room(bob) for _ in range(3))
    holder = psycopg2.connect(granian.env["DATABASE_URL"])
    with closing(holder), holder.cursor() as sending:
        sending.execute(
            "SELECT * FROM chats_send_plain(ARRAY[%s], ARRAY[%s], ARRAY['slow'], ARRAY[NULL], ARRAY[now()], %s, 0)",
            [slow, bob.id, ['"message":"slow"}']],
        )
        bob.send_text("quick", quick)
        first = alice.get(f"{ROOMS}?limit=1").json()
        assert [room["id"] for room in first["results"]] == [quick]
        holder.commit()
    rest = alice.get(f"{ROOMS}?after={first['next']}").json()
    assert [room["id"] for room in rest["results"]] == [still, 0, slow]
