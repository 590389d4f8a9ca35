"""Requests that were answered in some turns, and how long the answers took."""

from dataclasses import dataclass, field

from benchmarks.speed.histogram import Histogram


@dataclass
class Tally:
    """`seconds`: in which the requests began."""

    count: int = 0
    seconds: float = 0.0
    latencies: Histogram = field(default_factory=Histogram)
    # The most of a core that the generator used in a turn.
    generator_share: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.count / self.seconds if self.seconds else 0.0

    def add(self, seconds: float) -> None:
        """One that was answered within these seconds."""
        self.count += 1
        self.latencies.add(seconds)

    def merge(self, other: "Tally") -> None:
        self.count += other.count
        self.seconds += other.seconds
        self.latencies.merge(other.latencies)
        self.generator_share = max(self.generator_share, other.generator_share)
