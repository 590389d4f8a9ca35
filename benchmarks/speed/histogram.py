"""Latencies, counted in steps of a tenth of a millisecond: small, exact enough, and histograms of processes add up."""

from collections import Counter

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

    def percentile(self, share: float) -> float:
        """The least latency in seconds, rounded up to the step, that this share of all stays under. 0.0 of none."""
        wanted, seen = share * self.count, 0
        for step in sorted(self.counts):
            seen += self.counts[step]
            if seen >= wanted:
                return (step + 1) / STEPS_PER_SECOND
        return 0.0

    def curve(self, points: int = 100) -> list[tuple[float, float]]:
        """The distribution, as (seconds, share of all that stay under it)."""
        shares = [(index + 1) / points for index in range(points - 1)] + [0.995, 0.999]
        return [(self.percentile(share), share) for share in shares] if self.count else []
