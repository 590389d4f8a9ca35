"""`resume`: many clients come back at once, each with the same last id, and are owed what they missed.

Each storm comes twice: when the service has all of it in memory, and when it was just started, so that the log has to
serve them.
"""

import asyncio
import time

from benchmarks.speed.fanout import named
from benchmarks.speed.generator import Generator, Worker, load_of, reset_load
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Usage, shown_shares
from benchmarks.speed.service import GENERAL, Seed, Service
from benchmarks.speed.stream_group import Audience
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import CLIENTS, Posted, open_writers, post_at

# (clients, events that each missed, seconds within which all must have caught up)
STORMS = ((1_000, 200, 3.0), (5_000, 10, 10.0))
# Posts meanwhile, into a room of 50 people: it is the storm that is measured, not fan-out.
POSTS_PER_SECOND = 50.0
POSTS_P99_SECONDS = 0.2
POST_SECONDS = 6.0
CATCH_UP_SECONDS = 60.0
FILL_RATE = 400.0


def measure(run: Run) -> None:
    lines: list[Series] = []
    for workers in run.options.workers or (1,):
        for clients, missed, limit in STORMS[:1] if run.options.is_short else STORMS:
            storm = Storm(run, run.options.streams or clients, missed, limit, workers)
            lines += storm.measure()
            if run.options.streams:
                break
    run.report.charts.append(
        Chart("Clients that have caught up", "seconds after all came back at once", "share of clients, %", lines)
    )


class Storm:
    """So many clients that all missed so much."""

    def __init__(self, run: Run, clients: int, missed: int, limit: float, workers: int) -> None:
        self._run = run
        self._clients = clients
        self._missed = missed
        self._limit = limit
        self._workers = workers
        self._name = f"{clients:,} clients, {missed} events each, {named(workers)}"

    def measure(self) -> list[Series]:
        self._run.step(f"starting, {self._name}")
        with (
            self._run.service(Seed(users=self._clients + CLIENTS, rooms=1), workers=self._workers) as service,
            self._run.generators(self._run.options.generators + 1) as (writers, *generators),
        ):
            writers.call(open_writers, service.port, service.tokens[:CLIENTS])
            position, next_seq = self._miss(service, writers, generators[0])
            from_memory = self._storm(service, writers, generators, position, next_seq, "from memory")
            service.restart()
            writers.call(open_writers, service.port, service.tokens[:CLIENTS])
            from_log = self._storm(service, writers, generators, position, next_seq, "after a restart")
        return [from_memory, from_log]

    def _miss(self, service: Service, writers: Generator, generator: Generator) -> tuple[int, int]:
        """Post what they will have missed; the last id that all of them have, and the seq that comes next."""
        self._run.step(f"posting what is missed, {self._name}")
        witness = Audience([generator], Plan(service.port, service.tokens[:1]))
        witness.open()
        witness.begin()
        writers.call(post_at, FILL_RATE, 1 / FILL_RATE, GENERAL)
        heard = witness.hear(1, CATCH_UP_SECONDS)
        assert heard.is_complete, "the first event did not arrive"
        position, next_seq = generator.call(standing, GENERAL)
        witness.begin()
        writers.call(post_at, FILL_RATE, self._missed / FILL_RATE, GENERAL)
        heard = witness.hear(self._missed, CATCH_UP_SECONDS)
        assert heard.is_complete, "not all that was posted arrived"
        witness.close()
        return position, next_seq

    def _storm(
        self,
        service: Service,
        writers: Generator,
        generators: list[Generator],
        position: int,
        next_seq: int,
        source: str,
    ) -> Series:
        self._run.step(f"{self._name}, {source}")
        room = service.sql("SELECT min(id) FROM rooms_room WHERE id > 0")[0][0]
        plan = Plan(
            service.port,
            service.tokens[: self._clients],
            last_event_id=position,
            rooms=frozenset({GENERAL, room}),
            expected={GENERAL: next_seq},
            goal=(GENERAL, next_seq + self._missed - 1),
            at_once=self._clients,
        )
        resets, usage = service.metric("chat_resets_total"), Usage(service)
        by_ring = service.metric('chat_resumes_total{source="ring"}')
        seconds = self._run.options.pick(max(POST_SECONDS, self._limit), 2)
        writers.begin(post_at, POSTS_PER_SECOND, seconds, room)
        time.sleep(seconds / 10)  # the posts are on their way when the storm comes
        for generator in generators:
            generator.call(reset_load)
        audience = Audience(generators, plan)
        began = time.monotonic()
        audience.begin_opening()
        audience.finish_opening()
        caught_up = sorted(at - began for generator in generators for at in generator.call(catch_up, CATCH_UP_SECONDS))
        shares = usage.shares()
        load = max((generator.call(load_of) for generator in generators), key=lambda load: load.cpu_share)
        posted: Posted = writers.finish()
        seen = audience.hear(0, 0).seen
        self._run.fail(seen.faults)
        if len(caught_up) < self._clients or seen.closed:
            self._run.fail([f"{len(caught_up)} of {self._clients} caught up, {seen.closed} were closed"])
        by_ring = service.metric('chat_resumes_total{source="ring"}') - by_ring
        resets = service.metric("chat_resets_total") - resets
        audience.close()
        took = caught_up[-1] if caught_up else CATCH_UP_SECONDS
        self._run.find(
            Finding(
                f"Resume storm, {self._name}, {source}",
                [
                    Figure("all caught up", took, "s", self._limit, is_at_most=True),
                    Figure("half caught up", caught_up[len(caught_up) // 2] if caught_up else 0.0, "s"),
                    Figure(
                        "posts' p99", posted.latencies.percentile(0.99) * 1000, "ms", POSTS_P99_SECONDS * 1000, True
                    ),
                    Figure("posts meanwhile", posted.rate, "/s"),
                    Figure("events checked", seen.events),
                    Figure("resumes from memory", by_ring),
                    Figure("resets", resets, "", 0, is_at_most=True),
                    Figure("generator's share of a core", load.cpu_share * 100, "%"),
                ],
                [f"Processor time until all had caught up: {shown_shares(shares)}."],
            )
        )
        return Series(
            f"{self._clients:,} × {self._missed}, {source}",
            [(at, (index + 1) / self._clients * 100) for index, at in enumerate(caught_up) if index % 10 == 9],
        )


async def standing(worker: Worker, room: int) -> tuple[int, int]:
    """The last position of the only stream here, and the seq that it expects next in a room."""
    checker = worker.listeners[0].streams[0].checker
    return checker.position, checker.next_seq(room)


async def catch_up(worker: Worker, seconds: float) -> list[float]:
    """Wait until every stream has caught up, within a limit; when each had."""
    (listeners,) = worker.listeners
    deadline = time.monotonic() + seconds
    while len(listeners.caught_up) < len(listeners.streams) and time.monotonic() < deadline:  # noqa: ASYNC110 - no slower
        await asyncio.sleep(0.005)
    return listeners.caught_up
