"""Latencies in steps of a tenth of a millisecond, and requests that were answered: both add up over turns."""

from collections import Counter
from dataclasses import dataclass, field

STEPS_PER_SECOND = 10_000


class Histogram:
    """How often each latency was seen."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        self.counts[int(seconds * STEPS_PER_SECOND)] += 1

    def merge(self, other: "Histogram") -> None:
        self.counts.update(other.counts)

    @property
    def count(self) -> int:
        return self.counts.total()

    def percentile_ms(self, share: float) -> float:
        """The least latency in ms, rounded up to the step, that this share of all stays under. 0.0 of none."""
        wanted, seen = share * self.count, 0
        for step in sorted(self.counts):
            seen += self.counts[step]
            if seen >= wanted:
                return (step + 1) / STEPS_PER_SECOND * 1000
        return 0.0


@dataclass
class Tally:
    """`seconds`: in which the requests began."""

    seconds: float = 0.0
    latencies: Histogram = field(default_factory=Histogram)

    @property
    def count(self) -> int:
        return self.latencies.count

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.count / self.seconds if self.seconds else 0.0

    def merge(self, other: "Tally") -> None:
        self.seconds += other.seconds
        self.latencies.merge(other.latencies)
