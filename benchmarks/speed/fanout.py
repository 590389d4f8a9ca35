"""`fanout`: the highest rate of posts into General at which every stream still gets every event in time.

In the same run nchan does the same work, where it is installed. Several sides are also compared by what they deliver
of all that can be posted.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes.program import Program
from benchmarks.processes.service import Seed
from benchmarks.speed.events import decode_peer_event
from benchmarks.speed.peers.nchan import MISSING, is_installed, nchan
from benchmarks.speed.peers.payload import numbered_event
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, load_generators
from benchmarks.speed.search import LIMIT_P99_MS, Step, System, add_faults, find_highest, latencies_of, system_of
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

    def measure_nchan(self) -> None:
        if is_installed():
            self.measure_peer("nchan", nchan)
        else:
            self.run.skip(f"Fan-out, nchan: {MISSING}")

    def measure_peer(self, name: str, start: Callable[[Path], Program], hello: str | None = None) -> None:
        """Have a peer deliver the same events, from `/publish` to `/subscribe`."""
        self.run.say(f"starting, {name}")
        with (
            tempfile.TemporaryDirectory(prefix="chatserver-peer-") as folder,
            start(Path(folder)) as peer,
            load_generators() as (writers, listeners),
        ):
            writers.call(open_writers, peer.port, [""] * WRITERS)
            plan = Plan(peer.port, [""] * self.streams, path="/subscribe", hello=hello, decode=decode_peer_event)
            system = System(listeners, writers, plan, peer, Target("/publish", self.event, is_numbered=True))
            self.peers |= self._search({name: system})
            system.close()

    def _search(self, systems: dict[str, System]) -> dict[str, float]:
        first = min(HIGHEST_FIRST_RATE, FIRST_DELIVERIES / self.streams)
        held = find_highest(self.run, systems, first=first, seconds=self.run.options.pick(5, 1.5))
        for name, steps in held.items():
            self.run.add(finding_of(f"Fan-out, {self.streams:,} streams, {name}", steps))
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
            p99 = latencies_of(steps).percentile_ms(0.99)
            finding.figures += [
                Figure(f"{name}, deliveries", deliveries_of(steps), "/s"),
                Figure(f"{name}, p99", p99, "ms", LIMIT_P99_MS, is_at_most=True),
            ]
            if name != first and deliveries_of(turns[first]):
                growth = deliveries_of(steps) / deliveries_of(turns[first])
                finding.figures.append(Figure(f"{name} / {first}", growth, "times", 1.0))
            if closed := sum(step.received.closed for step in steps):
                finding.notes.append(f"{name}: {closed} streams were cut off, since they were too far behind.")
        self.run.add(finding)

    def _saturate(self, name: str, system: System) -> Step:
        step = system.saturate(self.run.options.pick(4, 2))
        self.run.say(f"{name}, all that can be posted: {step}")
        add_faults(self.run, name, system, step)
        # Streams that are cut off, since they are too far behind, are no loss: they may resume.
        if not step.received.closed and not step.is_complete:
            self.run.fail(f"{name}: not every stream got every event")
        return step

    def conclude(self) -> None:
        """The ratios to peers."""
        # With few streams posts take the time, not deliveries, and nchan keeps no posts.
        targets = {"nchan": TIMES_NCHAN} if self.streams >= STREAMS else {}
        figures = [
            Figure(f"{name} / {peer}", deliveries / theirs, "times", targets.get(peer))
            for name, deliveries in self.ours.items()
            for peer, theirs in self.peers.items()
            if theirs
        ]
        if figures:
            self.run.add(Finding("Fan-out, compared in this run", figures))


def measure(run: Run) -> None:
    fan_out = FanOut(run)
    fan_out.measure_sides()
    fan_out.measure_nchan()
    fan_out.conclude()


def deliveries_of(steps: list[Step]) -> float:
    """Deliveries a second, of these steps together."""
    return sum(step.received.events for step in steps) / sum(step.seconds for step in steps)


def finding_of(title: str, steps: list[Step]) -> Finding:
    if not steps:
        return Finding(title, [Figure("deliveries", 0.0, "/s")], ["Not even the first rate was kept."])
    best, received = steps[-1], steps[-1].received
    figures = [
        Figure("deliveries", best.deliveries, "/s"),
        Figure("posts", best.posted.rate, "/s"),
        Figure("p50", received.latencies.percentile_ms(0.5), "ms"),
        Figure("p99", received.latencies.percentile_ms(0.99), "ms", LIMIT_P99_MS, is_at_most=True),
        Figure("bytes of an event", received.bytes / max(1, received.events), "B"),
        Figure("events a read", received.events / max(1, received.reads)),
    ]
    return Finding(title, figures, [best.usage])
