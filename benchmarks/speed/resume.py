"""`resume`: many clients come back at once, each with the same last id, and are owed what they missed.

Each storm comes twice: when the service has all of it in memory, and when it was just started, so that the log has to
serve them.
"""

import asyncio
import time
from dataclasses import dataclass

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed
from benchmarks.speed.generator import Worker
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
from benchmarks.speed.stream_calls import close_streams, open_streams, settle, take_received
from benchmarks.speed.streams import Plan
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS, open_writers, post_at

# (clients, events that each missed, seconds within which all must have caught up)
STORMS = ((1_000, 200, 3.0), (5_000, 10, 10.0))
# Posts meanwhile, into a room of the first 50 users: it is the storm that is measured, not fan-out.
POSTS_PER_SECOND = 50.0
POSTS_P99_MS = 200.0
POST_SECONDS = 6.0
CATCH_UP_SECONDS = 60.0
FILL_RATE = 400.0
FROM_MEMORY, RESETS = 'chat_resumes_total{source="memory"}', "chat_resets_total"


def measure(run: Run) -> None:
    for clients, missed, limit in STORMS[:1] if run.options.is_short or run.options.streams else STORMS:
        clients = run.options.streams or clients
        with run.sides(Seed(users=max(clients, CLIENTS), rooms=1), workers=1) as sides:
            for side in sides:
                Storm(run, side, clients, missed, limit).measure()


@dataclass
class Storm:
    """So many clients that all missed so many events, and may take so many seconds."""

    run: Run
    side: Side
    clients: int
    missed: int
    limit: float

    def measure(self) -> None:
        self._open_writers()
        position, next_seq = self._miss()
        self._storm(position, next_seq, "from memory")
        self.side.service.restart()
        self._open_writers()
        self._storm(position, next_seq, "after a restart")

    def _open_writers(self) -> None:
        service = self.side.service
        self.side.writers.call(open_writers, service.port, service.tokens[:CLIENTS])

    def _miss(self) -> tuple[int, int]:
        """Post what they will have missed; the last id that all of them have, and the seq that comes next."""
        self.run.say(f"posting what is missed, {self.side.name}")
        service, listeners = self.side.service, self.side.listeners
        listeners.call(open_streams, Plan(service.port, service.tokens[:1]))
        for count in (1, self.missed):
            if count > 1:
                position, next_seq = listeners.call(last_received, GENERAL)
            listeners.call(take_received)
            self.side.writers.call(post_at, FILL_RATE, count / FILL_RATE, GENERAL)
            if listeners.call(settle, count, CATCH_UP_SECONDS).events != count:
                raise RuntimeError("not all that was posted arrived")
        listeners.call(close_streams)
        return position, next_seq

    def _storm(self, position: int, next_seq: int, source: str) -> None:
        name = f"{self.clients:,} clients, {self.missed} events each, {self.side.name}, {source}"
        self.run.say(name)
        service, writers, listeners = self.side.service, self.side.writers, self.side.listeners
        room = service.sql("SELECT min(id) FROM rooms_room WHERE id > 0")[0][0]
        plan = Plan(
            service.port,
            service.tokens[: self.clients],
            last_event_id=position,
            rooms=frozenset({GENERAL, room}),
            expected={GENERAL: next_seq},
            goal=(GENERAL, next_seq + self.missed - 1),
            at_once=self.clients,
        )
        resets, from_memory = service.server.metric(RESETS), service.server.metric(FROM_MEMORY)
        usage = self.side.usage()
        seconds = self.run.options.pick(max(POST_SECONDS, self.limit), 2)
        writers.begin(post_at, POSTS_PER_SECOND, seconds, room)
        time.sleep(seconds / 10)  # the posts are on their way when the storm comes
        began = time.monotonic()
        listeners.call(open_streams, plan)
        caught_up = sorted(at - began for at in listeners.call(catch_up, CATCH_UP_SECONDS))
        note = usage.note()
        posted: Tally = writers.finish()
        received = listeners.call(take_received)
        listeners.call(close_streams)
        self.run.fail(*received.faults)
        if len(caught_up) < self.clients or received.closed:
            self.run.fail(f"{len(caught_up)} of {self.clients} caught up, {received.closed} were closed")
            caught_up.append(CATCH_UP_SECONDS)
        figures = [
            Figure("all caught up", caught_up[-1], "s", self.limit, is_at_most=True),
            Figure("half caught up", caught_up[len(caught_up) // 2], "s"),
            Figure("posts' p99", posted.latencies.percentile_ms(0.99), "ms", POSTS_P99_MS, is_at_most=True),
            Figure("posts meanwhile", posted.rate, "/s"),
            Figure("events checked", received.events),
            Figure("resumes from memory", service.server.metric(FROM_MEMORY) - from_memory),
            Figure("resets", service.server.metric(RESETS) - resets, "", 0, is_at_most=True),
        ]
        self.run.add(Finding(f"Resume storm, {name}", figures, [note]))


async def last_received(worker: Worker, room: int) -> tuple[int, int]:
    """The last position of the only stream here, and the seq that it expects next in a room."""
    checker = worker.streams[0].all[0].checker
    return checker.position, checker.next_seq(room)


async def catch_up(worker: Worker, seconds: float) -> list[float]:
    """Wait until every stream has caught up, within a limit; when each had."""
    (streams,) = worker.streams
    deadline = time.monotonic() + seconds
    while len(streams.caught_up) < len(streams.all) and time.monotonic() < deadline:  # noqa: ASYNC110 - no slower
        await asyncio.sleep(0.005)
    return streams.caught_up
