"""What was found to be wrong, by invariant."""

import asyncio
from collections import Counter

# Kept of each invariant; more are only counted. The first ones tell the story.
KEPT = 20


class Violations:
    """Bounded in number. `first` is set by the first one."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.kept: dict[str, list[str]] = {}
        self.first = asyncio.Event()

    def add(self, invariant: str, what: str) -> None:
        self.counts[invariant] += 1
        kept = self.kept.setdefault(invariant, [])
        if len(kept) < KEPT:
            kept.append(what)
        self.first.set()

    def __bool__(self) -> bool:
        return bool(self.counts)
