"""The search for the highest rate of posts at which every stream still gets every event in time."""

import time
from collections import abc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.processes.server import GENERAL
from benchmarks.speed.generator import Generator
from benchmarks.speed.run import CpuUser, Run, Side, Usage
from benchmarks.speed.stream_calls import close_streams, open_streams, settle, take_received
from benchmarks.speed.streams import Plan, Received
from benchmarks.speed.tally import Histogram, Tally
from benchmarks.speed.writers import SERVICE, Target, keep_posting, open_writers, post_at

LIMIT_P99_MS = 1_000.0
# Where posts come slower than they were meant to, the rate was not kept.
KEPT_RATE = 0.95
SETTLE_SECONDS = 10.0
GROWTH, SHORT_GROWTH = 1.35, 1.6
HIGHEST_RATE = 5_000.0


@dataclass(frozen=True)
class Step:
    """What a rate led to, at so many streams."""

    rate: float
    streams: int
    posted: Tally
    received: Received
    seconds: float
    usage: str = ""

    @property
    def deliveries(self) -> float:
        """Events that arrived, a second, from the first post to the last arrival."""
        return self.received.events / self.seconds

    @property
    def is_complete(self) -> bool:
        return self.received.events == self.posted.count * self.streams

    @property
    def holds(self) -> bool:
        p99 = self.received.latencies.percentile_ms(0.99)
        is_kept = self.posted.rate >= KEPT_RATE * self.rate and p99 < LIMIT_P99_MS
        return is_kept and self.is_complete and not self.received.faults

    def __str__(self) -> str:
        p99 = self.received.latencies.percentile_ms(0.99)
        return (
            f"{self.posted.rate:.0f} of {self.rate:.0f} posts/s, {self.deliveries:,.0f} deliveries/s, p99 {p99:.0f} "
            f"ms, {self.received.closed} closed{'' if self.holds else ', too much'}. {self.usage}"
        )


class System:
    """What is posted to and listened to: a service, or a peer."""

    def __init__(
        self, listeners: Generator, writers: Generator, plan: Plan, user: CpuUser, target: Target = SERVICE
    ) -> None:
        # What goes wrong with a peer is told, and is no fault of ours.
        self.is_peer = target is not SERVICE
        self._listeners = listeners
        self._writers = writers
        self._plan = plan
        self._usage = Usage(user, writers, listeners)
        self._target = target
        self._is_open = False

    def try_rate(self, rate: float, seconds: float) -> Step:
        """Post at this rate. Streams that a rate was too much for are opened afresh the next time."""
        return self._post(rate, partial(self._writers.call, post_at, rate, seconds, GENERAL, self._target))

    def saturate(self, seconds: float) -> Step:
        """Post as fast as the writers are answered."""
        return self._post(None, partial(self._writers.call, keep_posting, seconds, [GENERAL], self._target))

    def _post(self, rate: float | None, post: Callable[[], Tally]) -> Step:
        """What came of posts that were meant to come at this rate (None: at any)."""
        if not self._is_open:
            self._listeners.call(open_streams, self._plan)
            self._is_open = True
        self._listeners.call(take_received)
        self._usage.restart()
        began = time.monotonic()
        posted = post()
        streams = len(self._plan.tokens)
        received = self._listeners.call(settle, posted.count * streams, SETTLE_SECONDS)
        took = max(received.last_arrival - began, posted.count / rate if rate else posted.seconds)
        step = Step(rate or posted.rate, streams, posted, received, took, self._usage.note())
        if not step.holds:
            self.close()
        return step

    def close(self) -> None:
        if self._is_open:
            self._listeners.call(close_streams)
        self._is_open = False


def system_of(side: Side, streams: int, writers: int) -> System:
    """The side with so many of its users as streams in General, and so many others who post."""
    service = side.service
    side.writers.call(open_writers, service.port, service.tokens[-writers:])
    plan = Plan(service.port, service.tokens[:streams], rooms=frozenset({GENERAL}))
    return System(side.listeners, side.writers, plan, service)


def find_highest(run: Run, systems: dict[str, System], *, first: float, seconds: float) -> dict[str, list[Step]]:
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
        add_faults(run, name, system, system.try_rate(first / 2, min(2.0, seconds)))  # what is slow only the first time
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
    for _ in range(1 if run.options.is_short else 2):
        step = system.try_rate(rate, seconds)
        run.say(f"{name}: {step}")
        add_faults(run, name, system, step)
        if step.holds or step.received.faults:
            break
    return step


def add_faults(run: Run, name: str, system: System, step: Step) -> None:
    if not system.is_peer:
        run.fail(*(f"{name}: {fault}" for fault in step.received.faults))


def latencies_of(steps: list[Step]) -> Histogram:
    latencies = Histogram()
    for step in steps:
        latencies.merge(step.received.latencies)
    return latencies


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
