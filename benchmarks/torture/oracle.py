"""Holds everything together that knows what is right: the log, what was promised, and the readers."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.torture.acknowledgements import Ledger
from benchmarks.torture.comparison import Comparison
from benchmarks.torture.fault_windows import Weather
from benchmarks.torture.log import Row, Rows
from benchmarks.torture.loss import Loss
from benchmarks.torture.promotions import Promotions
from benchmarks.torture.transcripts import Arrival, Visit
from benchmarks.torture.violations import Findings

# The design allows 1 s (I5, I6).
PROMISED_SECONDS = 1.0
# Why a client is told to fetch afresh where its position is not in the log any more.
LOST_REASONS = frozenset({"lost", "future"})


@dataclass(slots=True)
class Lateness:
    """How long after its acknowledgement a message reached readers, in weather that allows no excuse."""

    count: int = 0
    past_promise: int = 0
    worst_seconds: float = 0.0
    count_without_redis: int = 0
    worst_without_redis: float = 0.0


class Oracle:
    """`allowance` is added to what is promised, in seconds: for the machine that all of this shares."""

    def __init__(self, findings: Findings, weather: Weather, allowance: float) -> None:
        self.findings = findings
        self.weather = weather
        self.rows = Rows()
        self.promotions = Promotions()
        # Told by a process that had yet to notice the promotion, to clients that came behind it.
        self.told_though_lost = 0
        self.ledger = Ledger(findings)
        self.lateness = Lateness()
        self.ends = Lateness()
        self.comparisons: list[Comparison] = []
        self._limit = PROMISED_SECONDS + allowance
        self._unbounded: list[Visit] = []
        self._ahead: list[tuple[int, float, Visit]] = []

    @property
    def position(self) -> int:
        return self.rows.position

    @property
    def compared(self) -> int:
        return sum(comparison.compared for comparison in self.comparisons)

    def comparison_of(self, user_id: int) -> Comparison:
        comparison = Comparison(user_id, self.rows, self.promotions, self.findings, self._check_lateness)
        self.comparisons.append(comparison)
        return comparison

    # The log

    def take_rows(self, rows: list[Row], began: float) -> None:
        """What a look at the log found that began at this time."""
        for row in rows:
            if self.promotions.of(row.position) is not None:
                self.findings.add("I2", f"{row.position} was given again, though it was of an event that was lost")
            self.rows.append(row)
            self.ledger.take_row(row)
        for visit in self._unbounded:
            if visit.hello_at < began:
                visit.ceiling = max(self.position, visit.start or 0)
        self._unbounded = [visit for visit in self._unbounded if visit.ceiling is None]
        for position, at, visit in self._ahead:
            if at < began and position > self.position:
                self.findings.add(
                    "I1", f"{visit} was told {position} before it was committed: the log ended at {self.position}"
                )
        self._ahead = [entry for entry in self._ahead if entry[1] >= began and entry[0] > self.position]

    def lose(self, loss: Loss) -> None:
        """A replica was promoted, and nobody has written there yet."""
        self.ledger.lose(loss, self.position)
        end = self.promotions.add(loss, self.rows.leave(loss.kept, loss.rows))
        for visit in self._unbounded:
            # It was let in by the primary that died.
            visit.ceiling = max(end.rows.position, visit.start or 0)
        self._unbounded.clear()
        self._ahead = [entry for entry in self._ahead if not end.has(entry[0])]

    def compare(self) -> bool:
        """Compare what can be compared, and forget what nobody needs any more. Whether nothing is left of any visit."""
        for comparison in self.comparisons:
            comparison.catch_up()
        lowest = min((comparison.position for comparison in self.comparisons), default=0)
        self.rows.forget(lowest)
        self.promotions.forget(lowest)
        self.ledger.forget_old()
        return not any(comparison.visits for comparison in self.comparisons)

    # Readers

    def visit_of(self, reader: str, server: int, credential: str, last: int | None) -> Visit:
        """A client asks to be let in."""
        return Visit(reader, server, credential, last, self.position, self.promotions.count)

    def has_caught_up(self, upto: int, target: int) -> bool:
        """Whether a client that was told everything up to there is in the log, and as far."""
        return upto >= target and self.promotions.of(upto) is None

    def begun(self, visit: Visit, position: int, *, is_resumed: bool) -> None:
        """A reader got its hello."""
        visit.begin(position, is_fresh=not is_resumed)
        visit.is_reset_due = visit.last is not None and not is_resumed
        visit.is_reset = visit.is_reset_due and self.promotions.of(visit.last) is None
        end = self.promotions.of(position)
        if end is not None and end.number < visit.promotions:
            self.findings.add("I4", f"{visit} was let in at {position}, which had been lost before it asked")
        if is_resumed:
            visit.floor = max(visit.floor, position)
            self._unbounded.append(visit)

    def arrived(self, visit: Visit, position: int, digest: int) -> bool:
        """A reader got an event. True where the log has to be looked at now."""
        if visit.is_reset_due:
            visit.is_reset_due = False
            self.findings.add("I4", f"{visit} was not resumed, and not told why: next came {position}")
        if position <= visit.upto:
            self.findings.add("I4", f"{visit} got {position} once more, or out of order")
            return False
        now = time.monotonic()
        self._check_way(visit, position)
        visit.upto = position
        visit.arrivals.append(Arrival(position, digest, now))
        if position > self.position and self.promotions.of(position) is None:
            self._ahead.append((position, now, visit))
            return True
        return False

    def moved(self, visit: Visit, position: int) -> None:
        """A reader got an id without an event."""
        if position < visit.upto:
            self.findings.add("I4", f"{visit} was moved back by a heartbeat, to {position}")
        self._check_way(visit, position)
        visit.upto = max(visit.upto, position)

    def _check_way(self, visit: Visit, position: int) -> None:
        """Whoever was told what is lost hears nothing of what came instead; nor the reverse."""
        before, now = self.promotions.of(visit.upto), self.promotions.of(position)
        self.told_though_lost += now is not None and now.number < visit.promotions
        if before is not None and now is not before:
            self.findings.add("I4", f"{visit} went on at {position}, though {visit.upto} was lost")
        elif before is None and now is not None and visit.upto > now.kept:
            self.findings.add("I4", f"{visit} was told {position}, which was lost behind {now.kept}")

    def was_reset(self, visit: Visit, reason: str, position: int) -> None:
        """A reader was told to fetch afresh. That has to have a reason that the log bears out."""
        end = self.promotions.of(visit.last)
        if reason in LOST_REASONS and end is None:
            self.findings.add("I4", f"{visit} was reset at {position}: {reason}, though {visit.last} is in the log")
        elif reason not in LOST_REASONS and end is not None and not end.has(position):
            self.findings.add("I4", f"{visit} was reset at {position}: {reason}, though {visit.last} was lost")
        elif reason not in {"too_far_behind", *LOST_REASONS}:
            self.findings.add("I4", f"{visit} was reset at {position}: {reason}, though the log has everything")
        if not visit.is_reset_due or position != visit.start:
            self.findings.add("I4", f"{visit} was reset in its midst, at {position}")
        visit.is_reset_due = False

    def was_sent_away(self, visit: Visit, reason: str) -> None:
        """A reader was told bye."""
        if reason == "error" or (reason == "lost" and not self.promotions.lost_rows):
            self.findings.add("I4", f"{visit} was sent away: {reason}, though the log has everything")

    # Limits on time

    def _check_lateness(self, visit: Visit, row: Row, arrival: Arrival) -> None:
        mark = row.body.get("client_message_id")
        at = self.ledger.acknowledged_at(mark) if mark else None
        if at is None or at < max(visit.hello_at + PROMISED_SECONDS, visit.stalled_until):
            return
        if not self.weather.is_calm(at - PROMISED_SECONDS, arrival.at):
            return
        seconds = arrival.at - at
        has_redis = self.weather.has_redis(at - PROMISED_SECONDS, arrival.at)
        self._count(self.lateness, seconds, has_redis=has_redis)
        if seconds > self._limit:
            self.findings.add("I5", f"{visit} got {row.position} {seconds:.1f} s after its sender had the answer")

    def check_end(self, visit: Visit) -> None:
        """A stream whose right has ended has to end soon. Called when it did, and now and then before."""
        if visit.must_end_at is None:
            return
        ended_at = visit.ended_at or time.monotonic()
        if visit.stalled_until > visit.must_end_at:
            return  # who does not read does not see the end
        if not self.weather.is_calm(visit.must_end_at - PROMISED_SECONDS, ended_at):
            return
        seconds = ended_at - visit.must_end_at
        has_redis = self.weather.has_redis(visit.must_end_at - PROMISED_SECONDS, ended_at)
        if visit.is_over:
            self._count(self.ends, seconds, has_redis=has_redis)
        if seconds > self._limit:
            visit.must_end_at = None
            self.findings.add("I6", f"{visit} was open {seconds:.1f} s after its right had ended")

    def _count(self, counts: Lateness, seconds: float, *, has_redis: bool) -> None:
        counts.count += 1
        counts.past_promise += seconds > PROMISED_SECONDS
        counts.worst_seconds = max(counts.worst_seconds, seconds)
        if not has_redis:
            counts.count_without_redis += 1
            counts.worst_without_redis = max(counts.worst_without_redis, seconds)

    # The end

    def settle(self, behind: Iterable[str]) -> None:
        """After everybody had the time to catch up."""
        for reader in behind:
            self.findings.add("I4", f"{reader} did not catch up with {self.position}")
        for comparison in self.comparisons:
            for visit in comparison.visits:
                if not comparison.has_compared(visit):
                    self.findings.add("I4", f"{visit} could not be compared beyond {comparison.position}")
        self.ledger.settle()
