"""Ends of the log that were lost when a replica was promoted, and who was on them.

A position is given once, so a position tells on which way its client is: up to `kept` all are together; behind it some
heard what was lost, and the others what came instead. Nobody may go from the one to the other without a reset.
"""

import time

from benchmarks.torture.log import Rows
from benchmarks.torture.loss import Loss
from benchmarks.torture.transcripts import Visit


class LostEnd:
    """What one promotion lost. `rows` is the way along it: the rows in hand, and then the lost ones."""

    def __init__(self, number: int, loss: Loss, rows: Rows) -> None:
        self.number = number
        self.kept = loss.kept
        self.topics = loss.topics
        self.rows = rows
        self.at = time.monotonic()
        self._positions = frozenset(row.position for row in loss.lost_rows)

    def __len__(self) -> int:
        return len(self._positions)

    def has(self, position: int | None) -> bool:
        return position in self._positions

    def was_seen_by(self, visit: Visit) -> bool:
        """Whether the client was told a position of it; or none behind `kept`, and may have been let in there."""
        told = [visit.start, visit.upto, *(arrival.position for arrival in visit.arrivals)]
        if any(self.has(position) for position in told):
            return True
        was_late = visit.promotions <= self.number and visit.hello_at > self.at
        return visit.is_over and visit.upto <= self.kept and (self.has(visit.ceiling) or was_late)


class Promotions:
    """All of them, in their order."""

    def __init__(self) -> None:
        self.ends: list[LostEnd] = []

    def add(self, loss: Loss, rows: Rows) -> LostEnd:
        end = LostEnd(len(self.ends), loss, rows)
        self.ends.append(end)
        return end

    @property
    def count(self) -> int:
        return len(self.ends)

    @property
    def lost_rows(self) -> int:
        return sum(len(end) for end in self.ends)

    def of(self, position: int | None) -> LostEnd | None:
        """The end that this position was lost with."""
        return next((end for end in self.ends if end.has(position)), None)

    def of_visit(self, visit: Visit) -> LostEnd | None:
        """The end that the visit has to be compared with; None where it is what the log has now."""
        return next((end for end in self.ends if end.was_seen_by(visit)), None)

    def forget(self, upto: int) -> None:
        """Nobody needs the rows up to there any more."""
        for end in self.ends:
            end.rows.forget(end.rows.position if upto > end.kept else upto)
