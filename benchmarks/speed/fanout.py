"""`fanout`: the highest rate of posts into General at which every stream still gets every event in time.

In the same run nchan does the same work, where it is installed, and a bare server shows what the generator could take
(not in short). Several numbers of workers are compared by what they deliver of all that can be posted.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.speed.histogram import Histogram
from benchmarks.speed.peers.ceiling import bare_server
from benchmarks.speed.peers.nchan import MISSING, find_nginx, nchan
from benchmarks.speed.peers.payload import decode_peer_event, numbered_event
from benchmarks.speed.peers.process import PeerProcess
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Usage, shown_shares
from benchmarks.speed.search import LIMIT_P99_SECONDS, Contender, Step, find_highest, note_faults
from benchmarks.speed.service import GENERAL, Seed
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import Target, open_writers

STREAMS = 1_000
# Many enough that the rate is kept although each waits for its answer.
WRITERS = 64
# With so many deliveries a second the search begins.
FIRST_DELIVERIES = 50_000
HIGHEST_FIRST_RATE = 300.0
TIMES_NCHAN = 1.5
BARE = "bare server"
# Numbers of workers are compared with each other by what they deliver of all that the writers can post, in turns: the
# search ends at a rate that failed twice, and that may be the machine's doing.
TURNS = 6


@dataclass
class FanOut:
    """The search, done by the service and by peers. `best` has deliveries a second, by name."""

    run: Run
    best: dict[str, float] = field(default_factory=dict)
    lines: list[Series] = field(default_factory=list)
    # The event that peers deliver; the service shows it.
    event: bytes = b""

    @property
    def streams(self) -> int:
        return self.run.options.streams or STREAMS

    def measure_services(self, workers: tuple[int, ...]) -> None:
        """A service for each number of workers; all of them are up, and take turns."""
        with ExitStack() as stack:
            contenders = {}
            services = []
            for count in workers:
                self.run.step(f"starting, {named(count)}")
                service = stack.enter_context(self.run.service(Seed(users=self.streams + WRITERS), workers=count))
                services.append(service)
                writers, *generators = stack.enter_context(self.run.generators(self.run.options.generators + 1))
                writers.call(open_writers, service.port, service.tokens[self.streams :])
                plan = Plan(service.port, service.tokens[: self.streams], rooms=frozenset({GENERAL}))
                contenders[named(count)] = Contender(generators, writers, plan, Usage(service))
            self._search(contenders)
            if len(contenders) > 1:
                self.compare(contenders)
            self.event = numbered_event(services[0])
            for contender in contenders.values():
                contender.close()

    def measure_peer(self, name: str, start: Callable[[Path], PeerProcess], greeting: str | None = None) -> None:
        """Have a peer deliver the same events, from `/publish` to `/subscribe`."""
        self.run.step(f"starting, {name}")
        with (
            tempfile.TemporaryDirectory(prefix="chatserver-peer-") as folder,
            start(Path(folder)) as peer,
            self.run.generators(self.run.options.generators + 1) as (writers, *generators),
        ):
            writers.call(open_writers, peer.port, [""] * WRITERS)
            plan = Plan(peer.port, [""] * self.streams, path="/subscribe", greeting=greeting, decode=decode_peer_event)
            target = Target("/publish", self.event, is_numbered=True)
            contender = Contender(generators, writers, plan, Usage(peer), target)
            self._search({name: contender})
            contender.close()

    def _search(self, contenders: dict[str, Contender]) -> None:
        first = min(HIGHEST_FIRST_RATE, FIRST_DELIVERIES / self.streams)
        held = find_highest(self.run, contenders, first=first, seconds=self.run.options.pick(5, 1.5))
        for name, steps in held.items():
            self.run.find(finding_of(f"Fan-out, {self.streams:,} streams, {name}", steps))
            self.lines.append(Series(name, [(step.deliveries, step.p99 * 1000) for step in steps]))
            self.best[name] = steps[-1].deliveries if steps else 0.0

    def compare(self, contenders: dict[str, Contender]) -> None:
        """What each delivers of all that the writers can post, against the first."""
        turns: dict[str, list[Step]] = {name: [] for name in contenders}
        for _ in range(TURNS):
            for name, contender in contenders.items():
                turns[name].append(self._press(name, contender))
        first = next(iter(turns))
        figures = []
        for name, steps in turns.items():
            figures += self._figures_of(name, steps)
            if name != first and deliveries_of(turns[first]):
                growth = deliveries_of(steps) / deliveries_of(turns[first])
                figures.append(Figure(f"{name} / {first}", growth, "times", self.run.options.target(1.0)))
        notes = [
            f"{name}: {closed} streams were cut off, since they were too far behind."
            for name, steps in turns.items()
            if (closed := sum(step.heard.seen.closed for step in steps))
        ]
        self.run.find(
            Finding(f"Fan-out, {self.streams:,} streams, all that {WRITERS} writers can post", figures, notes)
        )

    def _figures_of(self, name: str, steps: list[Step]) -> list[Figure]:
        latencies = Histogram()
        for step in steps:
            latencies.merge(step.heard.seen.latencies)
        limit = self.run.options.target(LIMIT_P99_SECONDS * 1000)
        return [
            Figure(f"{name}, deliveries", deliveries_of(steps), "/s"),
            Figure(f"{name}, p99", latencies.percentile(0.99) * 1000, "ms", limit, is_at_most=True),
        ]

    def _press(self, name: str, contender: Contender) -> Step:
        self.run.step(f"{name}, pressed")
        step = contender.press(self.run.options.pick(4, 2))
        self.run.say(f"{name}: {step}")
        note_faults(self.run, name, contender, step)
        # Streams that are cut off, since they are too far behind, are no loss: they may resume.
        if not step.heard.seen.closed and step.heard.seen.events < step.posted.count * self.streams:
            self.run.fail([f"{name}: not every stream got every event"])
        return step

    def conclude(self) -> None:
        """The ratios to peers, and the chart."""
        ours = [name for name in self.best if name.endswith(("worker", "workers"))]
        figures: list[Figure] = []
        for name in ours:
            for peer, deliveries in self.best.items():
                if peer not in ours and deliveries:
                    # With few streams posts take the time, not deliveries, and nchan keeps no posts.
                    is_meant = peer == "nchan" and self.streams >= STREAMS
                    target = self.run.options.target(TIMES_NCHAN) if is_meant else None
                    figures.append(Figure(f"{name} / {peer}", self.best[name] / deliveries, "times", target))
        if figures:
            self.run.find(Finding("Fan-out, compared in this run", figures))
        self.run.report.charts.append(
            Chart(
                f"Fan-out to {self.streams:,} streams",
                "deliveries a second",
                "p99 of POST to arrival, ms",
                self.lines,
                limit=LIMIT_P99_SECONDS * 1000,
                limit_name="limit: 1 s",
                is_logarithmic=True,
            )
        )


def measure(run: Run) -> None:
    fan_out = FanOut(run)
    fan_out.measure_services(run.options.workers or (1,))
    measure_nchan(fan_out)
    if not run.options.is_short:
        fan_out.measure_peer(BARE, bare_server)
    fan_out.conclude()


def measure_nchan(fan_out: FanOut) -> None:
    if find_nginx() is None:
        fan_out.run.miss(f"Fan-out, nchan: {MISSING}")
    else:
        fan_out.measure_peer("nchan", nchan)


def named(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"


def deliveries_of(steps: list[Step]) -> float:
    """Deliveries a second, of these steps together."""
    return sum(step.heard.seen.events for step in steps) / sum(step.seconds for step in steps)


def finding_of(title: str, steps: list[Step]) -> Finding:
    if not steps:
        return Finding(title, [Figure("deliveries", 0.0, "/s")], ["Not even the first rate was kept."])
    best = steps[-1]
    seen, load = best.heard.seen, best.heard.load
    figures = [
        Figure("deliveries", best.deliveries, "/s"),
        Figure("posts", best.posted.rate, "/s"),
        Figure("p50", best.p50 * 1000, "ms"),
        Figure("p99", best.p99 * 1000, "ms", LIMIT_P99_SECONDS * 1000, is_at_most=True),
        Figure("bytes of an event", seen.bytes / max(1, seen.events), "B"),
        Figure("events a read", best.events_per_read),
        Figure("generator's share of a core", load.cpu_share * 100, "%"),
        Figure("generator's lag, p99", load.lag_p99_seconds * 1000, "ms"),
        Figure("generator could take, by its share", best.deliveries / max(load.cpu_share, 0.001), "/s"),
    ]
    notes = [f"Processor time at that rate: {shown_shares(best.shares)}."]
    if load.is_saturated:
        notes.append("The generator was saturated: what was measured may be faster than this.")
    return Finding(title, figures, notes)
