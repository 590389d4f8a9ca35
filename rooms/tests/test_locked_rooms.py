"""A lock that is not had in time: 503 `busy`, nothing is changed, and it can be tried again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import psycopg2

from chatserver.tests.harness.service import Client, Service

CHANGES: dict[str, Callable[[Client, Client, Client, str], httpx.Response]] = {
    "change": lambda alice, bob, charlie, url: alice.patch(url, json={"name": "Other"}),
    "archive": lambda alice, bob, charlie, url: alice.delete(url),
    "add": lambda alice, bob, charlie, url: alice.post(f"{url}members/", json={"user_ids": [charlie.id]}),
    "join": lambda alice, bob, charlie, url: charlie.post(f"{url}members/", json={"user_ids": [charlie.id]}),
    "remove": lambda alice, bob, charlie, url: alice.delete(f"{url}members/{bob.id}/"),
    "leave": lambda alice, bob, charlie, url: bob.delete(f"{url}members/{bob.id}/"),
    "role": lambda alice, bob, charlie, url: alice.patch(f"{url}members/{bob.id}/", json={"role": "moderator"}),
}


def test_a_change_of_a_locked_room_is_refused_and_can_be_repeated(granian: Service) -> None:
    people = granian.people(3)
    alice, bob, _ = people
    rooms = {change: alice.make_room(bob, kind="open") for change in CHANGES}
    holder = psycopg2.connect(granian.env["DATABASE_URL"])

    def make(change: str) -> httpx.Response:
        return CHANGES[change](*people, f"/api/v1/rooms/{rooms[change]}/")

    with ThreadPoolExecutor(len(CHANGES)) as pool, closing(holder):
        holder.cursor().execute("SELECT 1 FROM rooms_room WHERE id = ANY(%s) FOR UPDATE", [list(rooms.values())])
        before = kept(granian, rooms)
        for answer in pool.map(make, CHANGES):
            assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "busy", "2")
        assert kept(granian, rooms) == before
        assert bob.send_text("meanwhile")["seq"]
    for change in CHANGES:
        assert make(change).status_code in (200, 201, 204), change


def kept(service: Service, rooms: dict[str, int]) -> list[tuple[object, ...]]:
    """All that is kept of these rooms: themselves, their members and their events."""
    ids = list(rooms.values())
    return [
        *service.sql("SELECT * FROM rooms_room WHERE id = ANY(%s) ORDER BY id", ids),
        *service.sql("SELECT * FROM rooms_membership WHERE room_id = ANY(%s) ORDER BY id", ids),
        *service.sql("SELECT * FROM events_outbox WHERE room_id = ANY(%s) ORDER BY id", ids),
    ]
