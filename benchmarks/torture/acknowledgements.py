"""What the servers promised to writers, compared with the log (I1), and with the order of the answers (I3)."""

import time
from collections import Counter
from typing import NamedTuple

from benchmarks.torture.history import History
from benchmarks.torture.log import MESSAGE, Operation
from benchmarks.torture.loss import Loss
from benchmarks.torture.violations import Violations


class Answered(NamedTuple):
    """The highest seq of a room that any answer had told, behind so many promotions."""

    promotions: int
    seq: int


class Acknowledgements:
    """Messages are known by their client_message_id, other operations by what they are about."""

    def __init__(self, violations: Violations) -> None:
        self._violations = violations
        self._acknowledged: Counter[Operation] = Counter()
        self._unknown: Counter[Operation] = Counter()
        self._lost: Counter[Operation] = Counter()
        self._promotions = 0
        self._answered_seq: dict[int, int] = {}
        # When each message was acknowledged, by its client_message_id.
        self._acknowledged_at: dict[str, float] = {}
        self.messages_unknown = 0
        # Acknowledged, and not on the replica that was promoted; known at the end.
        self.lost = 0

    @property
    def messages(self) -> int:
        return len(self._acknowledged_at)

    # What writers say

    def highest_seq(self, room_id: int) -> Answered:
        """The highest seq of a room that any answer has told so far."""
        return Answered(self._promotions, self._answered_seq.get(room_id, 0))

    def add_message(self, client_message_id: str, room_id: int, seq: int, above: Answered) -> None:
        """A message was answered with 2xx. `above` is highest_seq() of before the first try."""
        self._acknowledged_at[client_message_id] = time.monotonic()
        if seq <= above.seq and above.promotions == self._promotions:
            what = f"{client_message_id} got seq {seq} in room {room_id}, but {above.seq} was answered before it began"
            self._violations.add("I3", what)
        if (MESSAGE, client_message_id) not in self._lost:  # a seq that was lost is given again
            self._answered_seq[room_id] = max(seq, self._answered_seq.get(room_id, 0))

    def add(self, operation: Operation, *, is_acknowledged: bool) -> None:
        (self._acknowledged if is_acknowledged else self._unknown)[operation] += 1

    def acknowledged_at(self, operation: Operation | None) -> float | None:
        """When a message was acknowledged; None for what is none."""
        return self._acknowledged_at.get(str(operation[1])) if operation and operation[0] == MESSAGE else None

    def lose(self, loss: Loss) -> None:
        """A replica was promoted without these."""
        self._promotions += 1
        self._answered_seq.clear()
        self._lost += loss.operations

    # The end

    def settle(self, history: History) -> None:
        """Everything that was acknowledged must be in the log by now, but for what a promoted replica did not have."""
        seen: Counter[Operation] = Counter()
        next_seq: dict[int | None, int] = {}
        for row in history.now.rows:
            if row.operation is not None:
                seen[row.operation] += 1
            if row.type == MESSAGE:
                due = next_seq.get(row.room_id, 1)
                if row.seq != due:
                    what = f"room {row.room_id} has seq {row.seq} at {row.position} where {due} should be"
                    self._violations.add("I3", what)
                next_seq[row.room_id] = max(row.seq, due) + 1
        for client_message_id in self._acknowledged_at:
            self._acknowledged[MESSAGE, client_message_id] = 1
        for operation in self._acknowledged | seen:
            acknowledged = self._acknowledged[operation]
            least, count = acknowledged - self._lost[operation], seen[operation]
            # A message is tried again until it is answered, and is one for all that.
            most = 1 if operation[0] == MESSAGE else acknowledged + self._unknown[operation]
            self.lost += max(0, acknowledged - count)
            if count < least:
                self._violations.add(
                    "I1", f"{operation} was acknowledged {least} times and is {count} times in the log"
                )
            elif count > most:
                self._violations.add(
                    "I1", f"{operation} is {count} times in the log, and was done {most} times at most"
                )
