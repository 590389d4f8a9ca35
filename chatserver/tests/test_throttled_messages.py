"""A message to a locked room leaves those that it came with, and begins anew. It counts once all the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND query LIKE '%%chats_send_all%%'"
)


def test_a_message_that_begins_anew_counts_once(start_service: Callable[..., Service]) -> None:
    service = start_service(CHAT_THROTTLE_WRITES="3/day")
    alice, bob = service.people(2)
    room_id = alice.make_room(bob)

    def send(person: Client) -> Any:
        return person.post("/api/v1/chats/", json={"room_id": room_id, "message": "hai"})

    holder = psycopg2.connect(service.env["DATABASE_URL"])
    with ThreadPoolExecutor(3) as pool, holder, holder.cursor() as cursor:
        cursor.execute("SELECT 1 FROM rooms_room WHERE id = %s FOR UPDATE", [room_id])
        # With the one that made the room, alice has none left then.
        sent = [pool.submit(send, person) for person in (alice, alice, bob)]
        waited: set[int] = set()
        # One connection is the crew's; on the others those wait who have left it.
        wait_for(lambda: waited.update(pid for (pid,) in service.sql(WAITING)) or len(waited) >= 3)
        holder.rollback()
    holder.close()
    answers = [future.result() for future in sent]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert min(answer.headers["X-RateLimit-Remaining"] for answer in answers[:2]) == "0"
    assert answers[2].headers["X-RateLimit-Remaining"] == "2"
    assert send(alice).status_code == 429
    assert send(bob).headers["X-RateLimit-Remaining"] == "1"
