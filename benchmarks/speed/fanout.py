"""`fanout`: the highest rate of posts into General at which every stream still gets every event in time.

In the same run nchan does the same work, where it is installed, and a bare server shows what the generator could take
(not in short). Several sides are also compared by what they deliver of all that can be posted.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes.program import Program
from benchmarks.processes.service import Seed
from benchmarks.speed.events import decode_peer_event
from benchmarks.speed.histogram import Histogram
from benchmarks.speed.peers.ceiling import bare_server
from benchmarks.speed.peers.nchan import MISSING, is_installed, nchan
from benchmarks.speed.peers.payload import numbered_event
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Usage, format_shares, generators_of
from benchmarks.speed.search import LIMIT_P99_SECONDS, Step, System, add_faults, find_highest, system_of
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import Target, open_writers

STREAMS = 1_000
# Many enough that the rate is kept although each waits for its answer.
WRITERS = 64
# With so many deliveries a second the search begins.
FIRST_DELIVERIES = 50_000
HIGHEST_FIRST_RATE = 300.0
TIMES_NCHAN = 2.2
# Sides are compared by what they deliver of all that the writers can post: the search ends at a rate that failed twice,
# which a slow second of the machine can cause.
TURNS = 6


@dataclass
class FanOut:
    """The search, done by the sides and by peers. `ours` and `peers` have the best deliveries a second, by name."""

    run: Run
    ours: dict[str, float] = field(default_factory=dict)
    peers: dict[str, float] = field(default_factory=dict)
    lines: list[Series] = field(default_factory=list)
    # The event that peers deliver; the service shows it.
    event: bytes = b""

    @property
    def streams(self) -> int:
        return self.run.options.streams or STREAMS

    def measure_sides(self) -> None:
        with self.run.sides(Seed(users=self.streams + WRITERS), workers=1) as sides:
            systems = {side.name: system_of(side, self.streams, WRITERS) for side in sides}
            self.ours = self._search(systems)
            if len(systems) > 1:
                self.compare(systems)
            self.event = numbered_event(sides[0].service)
            for system in systems.values():
                system.close()

    def measure_peer(self, name: str, start: Callable[[Path], Program], hello: str | None = None) -> None:
        """Have a peer deliver the same events, from `/publish` to `/subscribe`."""
        self.run.step(f"starting, {name}")
        with (
            tempfile.TemporaryDirectory(prefix="chatserver-peer-") as folder,
            start(Path(folder)) as peer,
            generators_of(self.run.options.generators + 1) as (writers, *generators),
        ):
            writers.call(open_writers, peer.port, [""] * WRITERS)
            plan = Plan(peer.port, [""] * self.streams, path="/subscribe", hello=hello, decode=decode_peer_event)
            target = Target("/publish", self.event, is_numbered=True)
            system = System(generators, writers, plan, Usage(peer), target)
            self.peers |= self._search({name: system})
            system.close()

    def _search(self, systems: dict[str, System]) -> dict[str, float]:
        first = min(HIGHEST_FIRST_RATE, FIRST_DELIVERIES / self.streams)
        held = find_highest(self.run, systems, first=first, seconds=self.run.options.pick(5, 1.5))
        for name, steps in held.items():
            self.run.add(finding_of(f"Fan-out, {self.streams:,} streams, {name}", steps))
            self.lines.append(Series(name, [(step.deliveries, step.percentile(0.99) * 1000) for step in steps]))
        return {name: steps[-1].deliveries if steps else 0.0 for name, steps in held.items()}

    def compare(self, systems: dict[str, System]) -> None:
        """What each delivers of all that the writers can post, in turns, against the first."""
        turns: dict[str, list[Step]] = {name: [] for name in systems}
        for _ in range(TURNS):
            for name, system in systems.items():
                turns[name].append(self._saturate(name, system))
        first = next(iter(turns))
        finding = Finding(f"Fan-out, {self.streams:,} streams, all that {WRITERS} writers can post", [])
        for name, steps in turns.items():
            latencies = Histogram()
            for step in steps:
                latencies.merge(step.outcome.received.latencies)
            p99 = latencies.percentile(0.99) * 1000
            finding.figures += [
                Figure(f"{name}, deliveries", deliveries_of(steps), "/s"),
                Figure(f"{name}, p99", p99, "ms", LIMIT_P99_SECONDS * 1000, is_at_most=True),
            ]
            if name != first and deliveries_of(turns[first]):
                growth = deliveries_of(steps) / deliveries_of(turns[first])
                finding.figures.append(Figure(f"{name} / {first}", growth, "times", 1.0))
            if closed := sum(step.outcome.received.closed for step in steps):
                finding.notes.append(f"{name}: {closed} streams were cut off, since they were too far behind.")
        self.run.add(finding)

    def _saturate(self, name: str, system: System) -> Step:
        self.run.step(f"{name}, all that can be posted")
        step = system.saturate(self.run.options.pick(4, 2))
        self.run.say(f"{name}: {step}")
        add_faults(self.run, name, system, step)
        received = step.outcome.received
        # Streams that are cut off, since they are too far behind, are no loss: they may resume.
        if not received.closed and received.events < step.posted.count * self.streams:
            self.run.fail([f"{name}: not every stream got every event"])
        return step

    def conclude(self) -> None:
        """The ratios to peers, and the chart."""
        finding = Finding("Fan-out, compared in this run", [])
        for name, deliveries in self.ours.items():
            for peer, theirs in self.peers.items():
                # With few streams posts take the time, not deliveries, and nchan keeps no posts.
                target = TIMES_NCHAN if peer == "nchan" and self.streams >= STREAMS else None
                if theirs:
                    finding.figures.append(Figure(f"{name} / {peer}", deliveries / theirs, "times", target))
        if finding.figures:
            self.run.add(finding)
        chart = Chart(
            f"Fan-out to {self.streams:,} streams", "deliveries a second", "p99 of POST to arrival, ms", self.lines
        )
        chart.limit, chart.limit_name, chart.is_logarithmic = LIMIT_P99_SECONDS * 1000, "limit: 1 s", True
        self.run.report.charts.append(chart)

    def measure_nchan(self) -> None:
        if is_installed():
            self.measure_peer("nchan", nchan)
        else:
            self.run.skip(f"Fan-out, nchan: {MISSING}")


def measure(run: Run) -> None:
    fan_out = FanOut(run)
    fan_out.measure_sides()
    fan_out.measure_nchan()
    if not run.options.is_short:
        fan_out.measure_peer("bare server", bare_server)
    fan_out.conclude()


def deliveries_of(steps: list[Step]) -> float:
    """Deliveries a second, of these steps together."""
    return sum(step.outcome.received.events for step in steps) / sum(step.seconds for step in steps)


def finding_of(title: str, steps: list[Step]) -> Finding:
    if not steps:
        return Finding(title, [Figure("deliveries", 0.0, "/s")], ["Not even the first rate was kept."])
    best = steps[-1]
    received, load = best.outcome.received, best.outcome.load
    figures = [
        Figure("deliveries", best.deliveries, "/s"),
        Figure("posts", best.posted.rate, "/s"),
        Figure("p50", best.percentile(0.5) * 1000, "ms"),
        Figure("p99", best.percentile(0.99) * 1000, "ms", LIMIT_P99_SECONDS * 1000, is_at_most=True),
        Figure("bytes of an event", received.bytes / max(1, received.events), "B"),
        Figure("events a read", best.events_per_read),
        Figure("generator's share of a core", load.cpu_share * 100, "%"),
        Figure("generator's lag, p99", load.lag_p99_seconds * 1000, "ms"),
        Figure("generator could take, by its share", best.deliveries / max(load.cpu_share, 0.001), "/s"),
    ]
    notes = [f"Processor time at that rate: {format_shares(best.shares)}."]
    if load.is_saturated:
        notes.append("The generator was saturated: what was measured may be faster than this.")
    return Finding(title, figures, notes)
