"""Readers that are too slow for what happens: they cost the others nothing, and the server no memory (I7)."""

import asyncio
import threading
from collections.abc import Callable

import httpx
import psutil
import psycopg2

from chatserver.tests.harness.loops import run
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.swarm import Listener, open_all, swarm, until

FROZEN, SIPPING, QUICK = 15, 15, 10
EVENTS = 8_000
BATCH = 50
EVENTS_PER_SECOND = 1_000
TEXT = "x" * 700
SIP_SECONDS = 0.2
BUFFER = 8_192
LIMIT = 60.0
# The recent's 8 MB and the frames of it, batches on their way, and what the allocator keeps of all that. What the slow
# ones miss together is 200 MB.
SPARE_BYTES = 80 * 1024 * 1024


class Writer(threading.Thread):
    """A thousand events a second, where the machine can; each its own message, twenty commits a second."""

    def __init__(self, service: Service, room: int, sender: int) -> None:
        super().__init__(daemon=True)
        self._url = service.env["DATABASE_URL"]
        self._arguments = [room, sender, TEXT, BATCH]
        self._pause = threading.Event()

    def run(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for _ in range(EVENTS // BATCH):
                cursor.execute(SEND_MANY, self._arguments)
                self._pause.wait(BATCH / EVENTS_PER_SECOND)
        connection.close()


def memory(service: Service) -> int:
    return sum(psutil.Process(pid).memory_info().rss for pid in service.worker_pids())


def cuts(service: Service, reason: str = "") -> float:
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return sum(
        float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f'chat_streams_cut_total{{reason="{reason}')
    )


async def sip(listener: Listener, url: str, writer: Writer) -> None:
    """Read a little at a time, and come back when cut off, until the writer has written all."""
    while writer.is_alive():
        if listener.transport is None:
            await listener.open(url, receive_buffer=BUFFER)
        else:
            listener.transport.pause_reading()
            await asyncio.sleep(SIP_SECONDS)
            if listener.transport is not None:
                listener.transport.resume_reading()
                await asyncio.sleep(0.001)


async def catch_up(listener: Listener, url: str, end: int) -> None:
    """Read as fast as one can, and come back when cut off, until the end."""
    while int(listener.last_id or 0) < end:
        if listener.transport is None:
            await listener.open(url)
        elif not listener.transport.is_reading():
            listener.transport.resume_reading()
        await asyncio.sleep(0.02)


def test_slow_readers_under_a_thousand_events_a_second_cost_no_memory(start_service: Callable[..., Service]) -> None:
    """Expectation (I4, I7): who reads more slowly than events come is cut off at 1 MB or 1,000 frames behind or after
    10 s, comes back with their last id and gets each event once or a reset; who keeps up hears all; and the process's
    memory stays in its bounds meanwhile."""
    service = start_service()
    sender, *people = service.people(1 + FROZEN + SIPPING + QUICK)
    room = sender.make_room(*people)
    accounts = [person.account for person in people]
    writer = Writer(service, room, sender.id)

    async def listen() -> int:
        async with swarm(accounts) as listeners:
            frozen, sipping, quick = listeners[:FROZEN], listeners[FROZEN:-QUICK], listeners[-QUICK:]
            await asyncio.gather(*(x.open(service.url, receive_buffer=BUFFER) for x in [*frozen, *sipping]))
            await open_all(quick, service.url)
            await until(lambda: all(x.hellos == 1 for x in listeners), LIMIT, "all hellos")
            for listener in frozen:
                listener.transport.pause_reading()
            before = peak = memory(service)
            writer.start()
            sips = [asyncio.create_task(sip(listener, service.url, writer)) for listener in sipping]
            while writer.is_alive():
                peak = max(peak, memory(service))
                await asyncio.sleep(0.05)
            await until(lambda: all(len(x.positions) == EVENTS for x in quick), LIMIT, "all events for the quick")
            await asyncio.gather(*sips)
            while await asyncio.to_thread(cuts, service) < FROZEN:
                await asyncio.sleep(0.1)
            expected = quick[0].positions
            async with asyncio.timeout(LIMIT):
                await asyncio.gather(*(catch_up(x, service.url, expected[-1]) for x in [*frozen, *sipping]))
            for listener in listeners:
                listener.check(expected)
            assert all((x.hellos, x.resets) == (1, []) for x in quick)
            return peak - before

    grown = run(listen())
    assert cuts(service, "behind") > 0
    assert grown < SPARE_BYTES, f"{grown / 1024 / 1024:.0f} MB"
