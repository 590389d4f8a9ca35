"""The search for the highest rate of posts at which everybody still hears everything in time."""

import time
from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks.speed.generator import Generator
from benchmarks.speed.run import Run, Usage
from benchmarks.speed.service import GENERAL
from benchmarks.speed.stream_group import Audience, Heard
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import Posted, Target, keep_posting, post_at

LIMIT_P99_SECONDS = 1.0
# Posts that come slower than they were meant to are no such rate.
KEPT_RATE = 0.95
SETTLE_SECONDS = 10.0
GROWTH, SHORT_GROWTH = 1.35, 1.6
HIGHEST_RATE = 5_000.0


@dataclass(frozen=True)
class Step:
    """What a rate led to."""

    rate: float
    posted: Posted
    heard: Heard
    seconds: float
    shares: dict[str, float]

    @property
    def deliveries(self) -> float:
        """Events that arrived, a second, from the first post to the last arrival."""
        return self.heard.seen.events / self.seconds

    @property
    def p99(self) -> float:
        return self.heard.seen.latencies.percentile(0.99)

    @property
    def p50(self) -> float:
        return self.heard.seen.latencies.percentile(0.5)

    @property
    def events_per_read(self) -> float:
        return self.heard.seen.events / max(1, self.heard.seen.reads)

    @property
    def holds(self) -> bool:
        is_kept = self.posted.rate >= KEPT_RATE * self.rate
        return is_kept and self.heard.is_complete and not self.heard.seen.faults and self.p99 < LIMIT_P99_SECONDS

    def __str__(self) -> str:
        seen, load = self.heard.seen, self.heard.load
        parts = [
            f"{self.posted.rate:6.0f} of {self.rate:5.0f} posts/s: {self.deliveries:9,.0f} deliveries/s",
            f"p50 {self.p50 * 1000:5.0f} p99 {self.p99 * 1000:5.0f} ms",
            f"generator {load.cpu_share:4.0%} lag {load.lag_p99_seconds * 1000:3.0f} ms",
            *(f"{name} {share:4.0%}" for name, share in self.shares.items()),
            f"{self.events_per_read:.1f} events a read",
        ]
        if not self.heard.is_complete:
            parts.append(f"not complete, {seen.closed} closed")
        if seen.faults:
            parts.append(seen.faults[0])
        if not self.holds:
            parts.append("too much")
        return "  ".join(parts)


class Contender:
    """Somebody who is posted to and heard: the service, or a peer."""

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
        self._audience: Audience | None = None

    def try_rate(self, rate: float, seconds: float) -> Step:
        """Post at this rate to all streams, and hear it. Streams that a rate was too much for are opened afresh."""
        return self._post(rate, partial(self._writers.call, post_at, rate, seconds, GENERAL, self._target))

    def press(self, seconds: float) -> Step:
        """Post as fast as the writers are answered, and hear it."""
        return self._post(None, partial(self._writers.call, keep_posting, seconds, [GENERAL], self._target))

    def _post(self, rate: float | None, post: Callable[[], Posted]) -> Step:
        """What came of posts that were meant to come at this rate (None: at any)."""
        audience = self._audience
        if audience is None:
            audience = self._audience = Audience(self._generators, self._plan)
            audience.open()
        audience.begin()
        self._usage.restart()
        began = time.monotonic()
        posted = post()
        heard = audience.hear(posted.count, SETTLE_SECONDS)
        took = max(heard.seen.last_arrival - began, posted.count / rate if rate else posted.seconds)
        step = Step(rate or posted.rate, posted, heard, took, self._usage.shares())
        if not step.holds:
            self.close()
        return step

    def close(self) -> None:
        if self._audience is not None:
            self._audience.close()
            self._audience = None


def find_highest(
    run: Run, contenders: Mapping[str, Contender], *, first: float, seconds: float
) -> dict[str, list[Step]]:
    """Raise the rate until it is too much, then close in. All steps that hold, the best one last, by name.

    Several contenders take turns, a rate each, so that a machine that slows down slows all of them.
    """
    is_short = run.options.is_short
    held: dict[str, list[Step]] = {name: [] for name in contenders}
    searches = {
        name: climb(first, growth=SHORT_GROWTH if is_short else GROWTH, refinements=1 if is_short else 4)
        for name in contenders
    }
    due = {name: next(search) for name, search in searches.items()}
    for name, contender in contenders.items():
        step = contender.try_rate(first / 2, min(2.0, seconds))  # what is slow only the first time
        note_faults(run, name, contender, step)
    while due:
        for name, rate in list(due.items()):
            step = attempt(run, name, contenders[name], rate, seconds)
            if step.holds:
                held[name].append(step)
            try:
                due[name] = searches[name].send(step.holds)
            except StopIteration:
                del due[name]
    return {name: sorted(steps, key=lambda step: step.deliveries) for name, steps in held.items()}


def attempt(run: Run, name: str, contender: Contender, rate: float, seconds: float) -> Step:
    """Try a rate; once more if it is too much, unless the run is short."""
    run.step(f"{name} at {rate:.0f} posts/s")
    for _ in range(1 if run.options.is_short else 2):
        step = contender.try_rate(rate, seconds)
        run.say(f"{name}: {step}")
        note_faults(run, name, contender, step)
        if step.holds or step.heard.seen.faults:
            break
    return step


def note_faults(run: Run, name: str, contender: Contender, step: Step) -> None:
    if not contender.is_peer:
        run.fail([f"{name}: {fault}" for fault in step.heard.seen.faults])


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
