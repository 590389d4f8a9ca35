"""Many streams that come at once: all who were cut off, and all that one person can open."""

import asyncio
import threading
from collections.abc import Callable

import psutil

from chatserver.tests.harness.loops import run
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.swarm import Listener, allow_files, open_all, swarm, until
from chatserver.tests.harness.waiting import wait_for
from users.presence import MAX_STREAMS_PER_USER

PEOPLE = 100
LIMIT = 60.0
GREEDY = 500
# Of a process: a thousand streams, those that are still closing, and some.
FILES = 4_096
# What the streams that were refused may leave behind in a process: buffers that the allocator keeps.
SPARE_BYTES = 80 * 1024 * 1024
SPARE_DESCRIPTORS = 30


class Poster(threading.Thread):
    """Posts to General, one message after the other, until it is told to stop."""

    def __init__(self, person: Client) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self._person = person
        self._is_over = threading.Event()

    def run(self) -> None:
        while not self._is_over.wait(0.01):
            self._person.send_text(f"message {self.sent}")
            self.sent += 1

    def stop(self) -> None:
        self._is_over.set()
        self.join(LIMIT)
        assert not self.is_alive()


def messages_behind(service: Service, position: int) -> list[int]:
    rows = service.sql(
        "SELECT position FROM events_event WHERE topic = 'room:0' AND type = 'message.created' AND position > %s "
        "ORDER BY position",
        position,
    )
    return [found for (found,) in rows]


def test_a_thousand_streams_come_back_at_once_and_each_hears_each_event_once(
    start_service: Callable[..., Service],
) -> None:
    """Expectation (I4): cut off together and back together, while posts go on, each of 1,000 streams gets every event
    exactly once and in order, with no reset and no bye; every post is answered with 2xx."""
    allow_files(FILES)
    service = start_service()
    sender, *others = service.people(1 + PEOPLE)
    start = service.sql("SELECT max(position) FROM events_event")[0][0]
    poster = Poster(sender)

    async def storm() -> None:
        async with swarm([person.account for person in others] * MAX_STREAMS_PER_USER) as listeners:
            await open_all(listeners, service.url)
            await until(lambda: all(x.hellos == 1 for x in listeners), LIMIT, "all hellos")
            poster.start()
            for time in (2, 3):
                # Each comes back from somewhere.
                heard = poster.sent
                await until(lambda n=heard + 5: all(len(x.positions) > n for x in listeners), LIMIT, "events for all")
                for listener in listeners:
                    listener.cut()
                await open_all(listeners, service.url)
                await until(lambda time=time: all(x.hellos == time for x in listeners), LIMIT, "everybody back")
            await asyncio.to_thread(poster.stop)
            await until(lambda: all(len(x.positions) >= poster.sent for x in listeners), LIMIT, "all events for all")
            check(listeners)

    def check(listeners: list[Listener]) -> None:
        expected = messages_behind(service, start)
        assert len(expected) == poster.sent > 0
        for listener in listeners:
            assert listener.positions == expected
            assert (listener.resets, listener.byes, listener.refusals) == ([], [], [])
            assert listener.is_open

    run(storm())


def test_of_five_hundred_streams_of_one_person_ten_stay(start_service: Callable[..., Service]) -> None:
    """Expectation: of one person's streams 10 stay on all processes together, the others get a bye; nobody else loses
    one; and what the others needed is given back (I7)."""
    allow_files(FILES)
    service = start_service(workers=2)
    sender, greedy, *modest = service.people(12)
    others = [person.listen() for person in modest]
    resources = Resources(service)

    async def grab() -> None:
        async with swarm([greedy.account] * GREEDY) as listeners:
            await open_all(listeners, service.url)
            await until(lambda: all(x.hellos or x.refusals for x in listeners), LIMIT, "an answer for each")
            await until(lambda: count_open(listeners) <= MAX_STREAMS_PER_USER, LIMIT, "the end of those too many")
            await asyncio.to_thread(sender.send_text, "for everybody")
            for stream in others:
                await until(lambda stream=stream: stream.texts() == ["for everybody"], LIMIT, "what others hear")
            await until(
                lambda: all(x.positions or not x.is_open for x in listeners), LIMIT, "what those hear that stayed"
            )
            # Of streams that open in one millisecond, two processes may find different ones the oldest, and end both.
            assert 0 < count_open(listeners) <= MAX_STREAMS_PER_USER
            assert all(b"too_many_streams" in x.byes[0] for x in listeners if not x.is_open)

    run(grab())
    assert not any(stream.is_closed for stream in others)
    wait_for(resources.are_back, LIMIT, "memory, threads and descriptors as before")


def count_open(listeners: list[Listener]) -> int:
    return sum(listener.is_open for listener in listeners)


class Resources:
    """What the processes of a service had when it was made."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._before = self._now()

    def _now(self) -> tuple[int, int, int]:
        processes = [psutil.Process(pid) for pid in self._service.worker_pids()]
        return (
            sum(process.memory_info().rss for process in processes),
            sum(process.num_threads() for process in processes),
            sum(process.num_fds() for process in processes),
        )

    def are_back(self) -> bool:
        memory, threads, descriptors = (now - before for now, before in zip(self._now(), self._before, strict=True))
        # Threads of the pools start when they are first needed.
        return memory < SPARE_BYTES and threads < 30 and descriptors < SPARE_DESCRIPTORS
