"""What all clients of a run share."""

from collections import Counter
from dataclasses import dataclass
from random import Random

from benchmarks.torture.cluster import Cluster
from benchmarks.torture.oracle import Oracle


@dataclass(frozen=True)
class Context:
    cluster: Cluster
    oracle: Oracle
    counts: Counter[str]
    seed: int

    @property
    def ports(self) -> list[int]:
        """Where clients reach each server: at its proxy."""
        return self.cluster.ports

    def rng_of(self, name: str) -> Random:
        """The chance that decides what this client does: the same for the same seed."""
        return Random(f"{self.seed}:{name}")  # noqa: S311 - it has to be the same again
