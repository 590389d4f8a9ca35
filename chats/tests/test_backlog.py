"""Forty thousand rows wait in the outbox, as after a long time without a server."""

import asyncio
from collections.abc import Callable

import psutil

from chatserver.tests.harness.loops import run
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.swarm import Listener, open_all, swarm, until

BACKLOG = 40_000
TEXT = "x" * 200
LIMIT = 60.0
POSTS = 20
# The recent's 8 MB, some batches, and what the allocator keeps of all that. Its bodies alone are 20 MB.
SPARE_BYTES = 80 * 1024 * 1024

# As chats_send_plain writes them. That would hold all texts in memory at once.
FILL = """
WITH given AS (SELECT %s::bigint AS room, %s::bigint AS sender, %s::text AS text, %s::int AS count),
numbered AS (
    INSERT INTO chats_message (room_id, seq, sender_id, text, sent_at)
    SELECT room, n, sender, text, now() FROM given, generate_series(1, count) n RETURNING id, seq
), counted AS (
    UPDATE rooms_room SET last_seq = count FROM given WHERE id = room
)
INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, at, body)
SELECT 0, 'room:' || room, 'message.created', sender, room, now(),
    '{"id":' || id || ',"seq":' || seq || ',"room_id":' || room || ',"message":"' || text || '","sent_by":' || sender ||
    ',"received_by":null,"sent_at":"2026-01-01T00:00:00Z","client_message_id":null,"removed_at":null,"sender":{"id":' ||
    sender || ',"username":"x","display_name":"","avatar_url":"","is_deleted":false}}'
FROM given, numbered ORDER BY seq
"""


def memory(service: Service) -> int:
    return sum(psutil.Process(pid).memory_info().rss for pid in service.worker_pids())


def test_a_backlog_is_drained_whole_and_in_order_while_posts_go_on(start_service: Callable[..., Service]) -> None:
    """Expectation (I1 to I4, I7): all rows get positions, in the order of their room; a live stream gets each
    of them and each new post once and in order, or is cut and comes back, by a reset if it is too far behind; posts
    answer 2xx meanwhile; the process's memory stays in its bounds."""
    service = start_service()
    alice, bob, charlie = service.people(3)
    room = alice.make_room(bob, charlie)
    accounts = [person.account for person in (bob, charlie)]

    async def drain() -> int:
        async with swarm(accounts) as listeners:
            await open_all(listeners, service.url)
            await until(lambda: all(x.hellos == 1 for x in listeners), LIMIT, "all hellos")
            before = peak = memory(service)
            await asyncio.to_thread(service.sql, FILL, room, alice.id, TEXT, BACKLOG)
            for number in range(POSTS):
                await asyncio.to_thread(alice.send_text, f"post {number}", room)
                peak = max(peak, memory(service))
            async with asyncio.timeout(LIMIT):
                while service.sql("SELECT count(*) FROM events_outbox") != [(0,)]:
                    peak = max(peak, memory(service))
                    await asyncio.sleep(0.2)
            end = service.sql("SELECT max(position) FROM events_event")[0][0]
            await asyncio.gather(*(hear_all(listener, service.url, end) for listener in listeners))
            rows = service.sql(
                "SELECT position, (body::json ->> 'seq')::int FROM events_event WHERE topic = %s AND type = %s "
                "ORDER BY position",
                *(f"room:{room}", "message.created"),
            )
            # As a truth value: pytest would explain the difference of two long lists for minutes.
            is_in_order = [seq for _, seq in rows] == list(range(1, BACKLOG + POSTS + 1))
            assert is_in_order
            for listener in listeners:
                listener.check([position for position, _ in rows])
            return peak - before

    grown = run(drain())
    assert grown < SPARE_BYTES, f"{grown / 1024 / 1024:.0f} MB"


async def hear_all(listener: Listener, url: str, end: int) -> None:
    async with asyncio.timeout(LIMIT):
        while int(listener.last_id or 0) < end:
            if listener.transport is None:
                await listener.open(url)
            await asyncio.sleep(0.02)
