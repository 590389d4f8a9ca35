"""Compares what clients were sent with the log, and with the limits on time."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.torture.acknowledgements import Acknowledgements
from benchmarks.torture.comparison import compare
from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.history import History
from benchmarks.torture.log import Row
from benchmarks.torture.loss import Loss
from benchmarks.torture.order_check import check_order
from benchmarks.torture.transcripts import EVENT, Entry, Transcript
from benchmarks.torture.users import MORTAL_NAME
from benchmarks.torture.violations import Violations

# The design allows 1 s (I5, I6).
PROMISED_SECONDS = 1.0


@dataclass
class Lateness:
    """How long something took after it was acknowledged, where no fault is an excuse; and where Redis was away."""

    count: int = 0
    worst_seconds: float = 0.0
    worst_seconds_without_redis: float = 0.0

    def add(self, seconds: float, *, had_redis: bool) -> None:
        self.count += 1
        if had_redis:
            self.worst_seconds = max(self.worst_seconds, seconds)
        else:
            self.worst_seconds_without_redis = max(self.worst_seconds_without_redis, seconds)


class Oracle:
    """`allowance` is added to what is promised, in seconds: for the machine that all of this shares."""

    def __init__(self, violations: Violations, windows: FaultWindows, allowance: float) -> None:
        self.violations = violations
        self.windows = windows
        self.history = History()
        self.acknowledgements = Acknowledgements(violations)
        # From an acknowledgement to a reader; from the end of a right to that of the stream.
        self.messages = Lateness()
        self.ends = Lateness()
        self.compared = 0
        # When the deletion of an account was answered, by the name of its user.
        self.deleted_at: dict[str, float] = {}
        self.allowance = allowance
        self._limit = PROMISED_SECONDS + allowance
        self._ended: deque[Transcript] = deque()

    # The log

    def take_rows(self, rows: list[Row], began: float) -> None:
        """What a look at the log found that began at this time."""
        for row in rows:
            if self.history.end_of(row.position) is not None:
                self.violations.add("I2", f"{row.position} was given again, though it was of an event that was lost")
        self.history.add_look(rows, began)

    def lose(self, loss: Loss) -> None:
        """A replica was promoted, and nobody has written there yet."""
        self.acknowledgements.lose(loss)
        self.deleted_at.clear()  # it may be lost, too
        self.history.lose(loss)

    # Clients

    def transcript(self, client: str, user_id: int, server: int, credential: str, last: int | None) -> Transcript:
        """A client asks."""
        position, promotions = self.history.now.position, len(self.history.ends)
        return Transcript(client, user_id, server, credential, last, position, promotions)

    def check_names(self, transcript: Transcript, data: bytes, *, is_from_log: bool = False) -> None:
        """I9: who asks when somebody is deleted is not told their name; what memory answers may take a moment."""
        for name in set(MORTAL_NAME.findall(data)):
            deleted_at = self.deleted_at.get(name.decode())
            if deleted_at is None:
                continue
            may_be_known = 0.0 if is_from_log else self._limit
            if transcript.asked_at <= deleted_at + may_be_known:
                continue
            if is_from_log or self.windows.is_clear(deleted_at, time.monotonic()):
                self.violations.add("I9", f"{transcript} was told of {name.decode()}, who was deleted")

    def end(self, transcript: Transcript) -> None:
        """Compare it when the log has been looked at once more."""
        transcript.end()
        self.check_end(transcript)
        if transcript.start is not None:
            self._ended.append(transcript)

    def compare(self) -> bool:
        """Compare all that ended before the last look at the log. Whether nothing is left."""
        while self._ended:
            transcript = self._ended[0]
            if self.history.look_after(transcript.ended_at or 0.0) is None:
                return False
            self._ended.popleft()
            self._compare(transcript)
        return True

    def _compare(self, transcript: Transcript) -> None:
        for what in check_order(transcript, self.history):
            self.violations.add("I4", f"{transcript} {what}")
        for entry in transcript.entries:
            if entry.kind == EVENT and not self.history.was_committed(entry.position, entry.at):
                self.violations.add("I1", f"{transcript} was told {entry.position} before it was committed")
        explanation = compare(transcript, self.history)
        for invariant, what in explanation.found:
            self.violations.add(invariant, what)
        self.compared += explanation.compared
        for row, entry in explanation.live:
            self._check_lateness(transcript, row, entry)

    # Limits on time

    def _check_lateness(self, transcript: Transcript, row: Row, entry: Entry) -> None:
        at = self.acknowledgements.acknowledged_at(row.operation)
        if at is None or at < max(transcript.hello_at + PROMISED_SECONDS, transcript.stalled_until):
            return
        if not self.windows.is_clear(at - PROMISED_SECONDS, entry.at):
            return
        seconds = entry.at - at
        self.messages.add(seconds, had_redis=self.windows.had_redis(at - PROMISED_SECONDS, entry.at))
        if seconds > self._limit:
            what = f"{transcript} got {row.position} {seconds:.1f} s after its sender had the answer"
            self.violations.add("I5", what)

    def check_end(self, transcript: Transcript) -> None:
        """A stream whose right has ended has to end soon. Called when it did, and now and then before."""
        if transcript.must_end_at is None or transcript.stalled_until > transcript.must_end_at:
            return  # a client that does not read does not see the end
        began, ended = transcript.must_end_at - PROMISED_SECONDS, transcript.ended_at or time.monotonic()
        if not self.windows.is_clear(began, ended):
            return
        seconds = ended - transcript.must_end_at
        if transcript.ended_at is not None:
            self.ends.add(seconds, had_redis=self.windows.had_redis(began, ended))
        if seconds > self._limit:
            transcript.must_end_at = None
            self.violations.add("I6", f"{transcript} was open {seconds:.1f} s after its right had ended")

    # The end of the run

    def has_caught_up(self, upto: int, target: int) -> bool:
        """Whether a client that was told everything up to there is in the log, and as far."""
        return upto >= target and self.history.end_of(upto) is None

    def settle(self, behind: Iterable[str]) -> None:
        """When everybody has had the time to catch up."""
        for client in behind:
            self.violations.add("I4", f"{client} did not catch up with {self.history.now.position}")
        for transcript in self._ended:
            self.violations.add("I4", f"{transcript} could not be compared: the log was not looked at any more")
        self.acknowledgements.settle(self.history)

    def figures(self) -> dict[str, int]:
        """How much was checked so far."""
        return {
            "rows of the log": len(self.history.now.rows),
            "rows lost by promotions": self.history.lost_rows,
            "acknowledged writes lost by promotions": self.acknowledgements.lost,
            "messages acknowledged": self.acknowledgements.messages,
            "messages of unknown fate": self.acknowledgements.messages_unknown,
            "events compared at readers": self.compared,
        }
