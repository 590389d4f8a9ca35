"""`resume`: many clients come back at once, each with the same last id, and are owed what they missed.

Each storm comes twice: when the service has all of it in memory, and when it was just started, so that the log has to
serve them.
"""

import asyncio
import time
from dataclasses import dataclass

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed
from benchmarks.speed.generator import Worker, load_of, reset_load
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Side, Usage, format_shares
from benchmarks.speed.stream_group import StreamGroup
from benchmarks.speed.streams import Plan
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS, open_writers, post_at

# (clients, events that each missed, seconds within which all must have caught up)
STORMS = ((1_000, 200, 3.0), (5_000, 10, 10.0))
# Posts meanwhile, into a room of the first 50 users: it is the storm that is measured, not fan-out.
POSTS_PER_SECOND = 50.0
POSTS_P99_SECONDS = 0.2
POST_SECONDS = 6.0
CATCH_UP_SECONDS = 60.0
FILL_RATE = 400.0
FROM_MEMORY = 'chat_resumes_total{source="memory"}'


def measure(run: Run) -> None:
    lines: list[Series] = []
    for clients, missed, limit in STORMS[:1] if run.options.is_short or run.options.streams else STORMS:
        clients = run.options.streams or clients
        with run.sides(Seed(users=max(clients, CLIENTS), rooms=1), workers=1) as sides:
            for side in sides:
                lines += Storm(run, side, clients, missed, limit).measure()
    title = "Clients that have caught up"
    run.report.charts.append(Chart(title, "seconds after all came back at once", "share of clients, %", lines))


@dataclass
class Storm:
    """So many clients that all missed so many events, and may take so many seconds."""

    run: Run
    side: Side
    clients: int
    missed: int
    limit: float

    def measure(self) -> list[Series]:
        self._open_writers()
        position, next_seq = self._miss()
        from_memory = self._storm(position, next_seq, "from memory")
        self.side.service.restart()
        self._open_writers()
        return [from_memory, self._storm(position, next_seq, "after a restart")]

    def _open_writers(self) -> None:
        service = self.side.service
        self.side.writers.call(open_writers, service.port, service.tokens[:CLIENTS])

    def _miss(self) -> tuple[int, int]:
        """Post what they will have missed; the last id that all of them have, and the seq that comes next."""
        self.run.step(f"posting what is missed, {self.side.name}")
        service, generator = self.side.service, self.side.generators[0]
        group = StreamGroup([generator], Plan(service.port, service.tokens[:1]))
        group.open()
        for count in (1, self.missed):
            if count > 1:
                position, next_seq = generator.call(last_received, GENERAL)
            group.begin()
            self.side.writers.call(post_at, FILL_RATE, count / FILL_RATE, GENERAL)
            if not group.wait(count, CATCH_UP_SECONDS).is_complete:
                raise RuntimeError("not all that was posted arrived")
        group.close()
        return position, next_seq

    def _storm(self, position: int, next_seq: int, source: str) -> Series:
        name = f"{self.clients:,} clients, {self.missed} events each, {self.side.name}, {source}"
        self.run.step(name)
        service, generators = self.side.service, self.side.generators
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
        resets, from_memory = service.server.metric("chat_resets_total"), service.server.metric(FROM_MEMORY)
        usage = Usage(service)
        seconds = self.run.options.pick(max(POST_SECONDS, self.limit), 2)
        self.side.writers.begin(post_at, POSTS_PER_SECOND, seconds, room)
        time.sleep(seconds / 10)  # the posts are on their way when the storm comes
        for generator in generators:
            generator.call(reset_load)
        group = StreamGroup(generators, plan)
        began = time.monotonic()
        group.open()
        caught_up = sorted(at - began for generator in generators for at in generator.call(catch_up, CATCH_UP_SECONDS))
        shares = usage.shares()
        load = max((generator.call(load_of) for generator in generators), key=lambda load: load.cpu_share)
        posted: Tally = self.side.writers.finish()
        received = group.wait(0, 0).received
        self.run.fail(received.faults)
        if len(caught_up) < self.clients or received.closed:
            self.run.fail([f"{len(caught_up)} of {self.clients} caught up, {received.closed} were closed"])
        from_memory = service.server.metric(FROM_MEMORY) - from_memory
        resets = service.server.metric("chat_resets_total") - resets
        group.close()
        took = caught_up[-1] if caught_up else CATCH_UP_SECONDS
        half = caught_up[len(caught_up) // 2] if caught_up else CATCH_UP_SECONDS
        p99 = posted.latencies.percentile(0.99) * 1000
        figures = [
            Figure("all caught up", took, "s", self.limit, is_at_most=True),
            Figure("half caught up", half, "s"),
            Figure("posts' p99", p99, "ms", POSTS_P99_SECONDS * 1000, is_at_most=True),
            Figure("posts meanwhile", posted.rate, "/s"),
            Figure("events checked", received.events),
            Figure("resumes from memory", from_memory),
            Figure("resets", resets, "", 0, is_at_most=True),
            Figure("generator's share of a core", load.cpu_share * 100, "%"),
        ]
        notes = [f"Processor time until all had caught up: {format_shares(shares)}."]
        self.run.add(Finding(f"Resume storm, {name}", figures, notes))
        points = [(at, (index + 1) / self.clients * 100) for index, at in enumerate(caught_up) if index % 10 == 9]
        return Series(f"{self.clients:,} × {self.missed}, {self.side.name}, {source}", points)


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
