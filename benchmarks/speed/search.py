"""The search for the highest rate of posts at which every stream still gets every event in time."""

import time
from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks.processes.server import GENERAL
from benchmarks.speed.generator import Generator
from benchmarks.speed.run import Run, Side, Usage
from benchmarks.speed.stream_group import Outcome, StreamGroup
from benchmarks.speed.streams import Plan
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import Target, keep_posting, open_writers, post_at

LIMIT_P99_SECONDS = 1.0
# Where posts come slower than they were meant to, the rate was not kept.
KEPT_RATE = 0.95
SETTLE_SECONDS = 10.0
GROWTH, SHORT_GROWTH = 1.35, 1.6
HIGHEST_RATE = 5_000.0


@dataclass(frozen=True)
class Step:
    """What a rate led to."""

    rate: float
    posted: Tally
    outcome: Outcome
    seconds: float
    shares: dict[str, float]

    @property
    def deliveries(self) -> float:
        """Events that arrived, a second, from the first post to the last arrival."""
        return self.outcome.received.events / self.seconds

    def percentile(self, share: float) -> float:
        """Of the latencies, in seconds."""
        return self.outcome.received.latencies.percentile(share)

    @property
    def events_per_read(self) -> float:
        return self.outcome.received.events / max(1, self.outcome.received.reads)

    @property
    def holds(self) -> bool:
        is_kept = self.posted.rate >= KEPT_RATE * self.rate and self.percentile(0.99) < LIMIT_P99_SECONDS
        return is_kept and self.outcome.is_complete and not self.outcome.received.faults

    def __str__(self) -> str:
        received, load = self.outcome.received, self.outcome.load
        parts = [
            f"{self.posted.rate:6.0f} of {self.rate:5.0f} posts/s: {self.deliveries:9,.0f} deliveries/s",
            f"p50 {self.percentile(0.5) * 1000:5.0f} p99 {self.percentile(0.99) * 1000:5.0f} ms",
            f"generator {load.cpu_share:4.0%} lag {load.lag_p99_seconds * 1000:3.0f} ms",
            *(f"{name} {share:4.0%}" for name, share in self.shares.items()),
            f"{self.events_per_read:.1f} events a read",
        ]
        if not self.outcome.is_complete:
            parts.append(f"not complete, {received.closed} closed")
        return "  ".join([*parts, *received.faults[:1], *([] if self.holds else ["too much"])])


class System:
    """What is posted to and listened to: a service, or a peer."""

    def __init__(
        self, generators: list[Generator], writers: Generator, plan: Plan, usage: Usage, target: Target | None = None
    ) -> None:
        # What goes wrong with a peer is told, and is no fault of ours.
        self.is_peer = target is not None
        self._generators = generators
        self._writers = writers
        self._plan = plan
        self._usage = usage
        self._target = target
        self._group: StreamGroup | None = None

    def try_rate(self, rate: float, seconds: float) -> Step:
        """Post at this rate. Streams that a rate was too much for are opened afresh the next time."""
        return self._post(rate, partial(self._writers.call, post_at, rate, seconds, GENERAL, self._target))

    def saturate(self, seconds: float) -> Step:
        """Post as fast as the writers are answered."""
        return self._post(None, partial(self._writers.call, keep_posting, seconds, [GENERAL], self._target))

    def _post(self, rate: float | None, post: Callable[[], Tally]) -> Step:
        """What came of posts that were meant to come at this rate (None: at any)."""
        group = self._group
        if group is None:
            group = self._group = StreamGroup(self._generators, self._plan)
            group.open()
        group.begin()
        self._usage.restart()
        began = time.monotonic()
        posted = post()
        outcome = group.wait(posted.count, SETTLE_SECONDS)
        took = max(outcome.received.last_arrival - began, posted.count / rate if rate else posted.seconds)
        step = Step(rate or posted.rate, posted, outcome, took, self._usage.shares())
        if not step.holds:
            self.close()
        return step

    def close(self) -> None:
        if self._group is not None:
            self._group.close()
            self._group = None


def system_of(side: Side, streams: int, writers: int) -> System:
    """The side with so many of its users as streams in General, and so many others who post."""
    service = side.service
    side.writers.call(open_writers, service.port, service.tokens[-writers:])
    plan = Plan(service.port, service.tokens[:streams], rooms=frozenset({GENERAL}))
    return System(side.generators, side.writers, plan, Usage(service))


def find_highest(run: Run, systems: Mapping[str, System], *, first: float, seconds: float) -> dict[str, list[Step]]:
    """Raise the rate until it is too much, then close in. All steps that hold, the best one last, by name.

    Several systems take turns, a rate each.
    """
    is_short = run.options.is_short
    held: dict[str, list[Step]] = {name: [] for name in systems}
    searches = {
        name: climb(first, growth=SHORT_GROWTH if is_short else GROWTH, refinements=1 if is_short else 4)
        for name in systems
    }
    due = {name: next(search) for name, search in searches.items()}
    for name, system in systems.items():
        step = system.try_rate(first / 2, min(2.0, seconds))  # what is slow only the first time
        add_faults(run, name, system, step)
    while due:
        for name, rate in list(due.items()):
            step = try_rate(run, name, systems[name], rate, seconds)
            if step.holds:
                held[name].append(step)
            try:
                due[name] = searches[name].send(step.holds)
            except StopIteration:
                del due[name]
    return {name: sorted(steps, key=lambda step: step.deliveries) for name, steps in held.items()}


def try_rate(run: Run, name: str, system: System, rate: float, seconds: float) -> Step:
    """Try a rate; once more if it is too much, unless the run is short."""
    run.step(f"{name} at {rate:.0f} posts/s")
    for _ in range(1 if run.options.is_short else 2):
        step = system.try_rate(rate, seconds)
        run.say(f"{name}: {step}")
        add_faults(run, name, system, step)
        if step.holds or step.outcome.received.faults:
            break
    return step


def add_faults(run: Run, name: str, system: System, step: Step) -> None:
    if not system.is_peer:
        run.fail([f"{name}: {fault}" for fault in step.outcome.received.faults])


def climb(first: float, *, growth: float, refinements: int) -> abc.Generator[float, bool, None]:
    """Rates to try, each answered with whether it held: grow until one does not, then halve the distance so often."""
    low, high = 0.0, first
    while high <= HIGHEST_RATE and (yield high):
        low, high = high, high * growth
    for _ in range(refinements):
        middle = (low + high) / 2
        if (yield middle):
            low = middle
        else:
            high = middle
