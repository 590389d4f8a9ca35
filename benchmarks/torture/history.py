"""The log as the watcher saw it, and the ends of it that were lost when a replica was promoted.

A position is given once, so a position tells which way its client is on: up to `kept` all are together; behind it some
were told what was lost, and the others what came instead.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from benchmarks.torture.log import EVENT, Row
from benchmarks.torture.loss import Loss


class Look(NamedTuple):
    """What the watcher found by a query that began at this time: the last position, behind so many promotions."""

    began: float
    position: int
    promotions: int


class Timeline:
    """One way that the log went, from its beginning."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows: list[Row] = []
        self._positions: list[int] = []
        # By user, the rows that begin and end what the user may hear.
        self._rights: dict[int, list[Row]] = {}
        for row in rows:
            self.append(row)

    @property
    def position(self) -> int:
        """The last one; 0 before the first."""
        return self._positions[-1] if self._positions else 0

    def append(self, row: Row) -> None:
        self.rows.append(row)
        self._positions.append(row.position)
        if row.kind != EVENT:
            for user_id in row.user_ids:
                self._rights.setdefault(user_id, []).append(row)

    def between(self, after: int, upto: int) -> list[Row]:
        """The rows with after < position <= upto."""
        return self.rows[bisect_right(self._positions, after) : bisect_right(self._positions, upto)]

    def rights_of(self, user_id: int, upto: int) -> list[Row]:
        return [row for row in self._rights.get(user_id, ()) if row.position <= upto]


class LostEnd:
    """What one promotion lost. `timeline` is the way that ends with it."""

    def __init__(self, number: int, loss: Loss, timeline: Timeline) -> None:
        self.number = number
        self.kept = loss.kept
        self.timeline = timeline
        self.positions = frozenset(row.position for row in loss.lost_rows)


class History:
    """`now` is the way that the log has gone."""

    def __init__(self) -> None:
        self.now = Timeline()
        self.ends: list[LostEnd] = []
        self._looks: list[Look] = []

    @property
    def lost_rows(self) -> int:
        return sum(len(end.positions) for end in self.ends)

    def add_look(self, rows: list[Row], began: float) -> None:
        for row in rows:
            self.now.append(row)
        self._looks.append(Look(began, self.now.position, len(self.ends)))

    def lose(self, loss: Loss) -> None:
        """A replica was promoted, and nobody has written there yet."""
        kept = [row for row in self.now.rows if row.position <= loss.kept]
        behind = [row for row in loss.rows if row.position > (kept[-1].position if kept else 0)]
        self.ends.append(LostEnd(len(self.ends), loss, Timeline([*kept, *behind])))
        self.now = Timeline(kept)

    def end_of(self, position: int | None) -> LostEnd | None:
        """The end that this position was lost with."""
        return next((end for end in self.ends if position in end.positions), None)

    def was_committed(self, position: int, at: float) -> bool:
        """Whether the log had this position when somebody was told of it: the first look behind that has to show it."""
        look, end = self.look_after(at), self.end_of(position)
        return look is None or position <= look.position or (end is not None and look.promotions > end.number)

    def look_after(self, at: float) -> Look | None:
        """The first one that began behind this time."""
        place = bisect_right(self._looks, at, key=lambda look: look.began)
        return self._looks[place] if place < len(self._looks) else None
