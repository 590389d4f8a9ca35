"""What the servers promised to writers, held against the log (I1), and against the order of the answers (I3)."""

import time
from collections import Counter
from collections.abc import Hashable
from typing import NamedTuple

from benchmarks.torture.log import EVENT, Row
from benchmarks.torture.loss import Loss
from benchmarks.torture.operations import MESSAGE, Deed, deed_of
from benchmarks.torture.violations import Findings

# Until a message is as old as this, its lateness may still be asked for.
REMEMBERED_SECONDS = 120.0
# What is known of a message, as bits: it was answered with 2xx; it is in the log; a promoted replica did not have it.
ACKNOWLEDGED, LOGGED, LOST = 1, 2, 4


class Answered(NamedTuple):
    """The highest seq of a room that any answer had told, behind so many promotions."""

    promotions: int
    seq: int


class Ledger:
    """Messages are known by their client_message_id, other deeds by what they are about."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.acknowledged: Counter[Deed] = Counter()
        self.unknown: Counter[Deed] = Counter()
        self.seen: Counter[Deed] = Counter()
        self.lost: Counter[Deed] = Counter()
        self.promotions = 0
        # Acknowledged, and not on the replica that was promoted; known at the end.
        self.acknowledged_lost = 0
        # When a message was acknowledged, for as long as somebody may yet hear of it.
        self._acknowledged_at: dict[str, float] = {}
        self._messages: dict[str, dict[int, int]] = {}
        self._last_seq: dict[int, int] = {}
        self._answered_seq: dict[int, int] = {}
        self.messages_acknowledged = 0
        self.messages_unknown = 0

    # What writers say

    def highest_seq(self, room_id: int) -> Answered:
        """The highest seq of a room that any answer has told so far."""
        return Answered(self.promotions, self._answered_seq.get(room_id, 0))

    def message_acknowledged(self, mark: str, room_id: int, seq: int, above: Answered) -> None:
        """A send was answered with 2xx. `above` is highest_seq() of before the first try."""
        self.messages_acknowledged += 1
        self._acknowledged_at[mark] = time.monotonic()
        if seq <= above.seq and above.promotions == self.promotions:
            self._findings.add(
                "I3", f"{mark} got seq {seq} in room {room_id}, but {above.seq} was answered before it began"
            )
        if not self._note(mark, ACKNOWLEDGED) & LOST:  # a seq that was lost is given again
            self._answered_seq[room_id] = max(seq, self._answered_seq.get(room_id, 0))

    def message_unknown(self) -> None:
        """No answer came, to the last of all tries."""
        self.messages_unknown += 1

    def deed(self, *deed: Hashable, is_acknowledged: bool) -> None:
        (self.acknowledged if is_acknowledged else self.unknown)[deed] += 1

    def acknowledged_at(self, mark: str) -> float | None:
        return self._acknowledged_at.get(mark)

    def forget_old(self) -> None:
        """Marks are in the order of their answers."""
        old = time.monotonic() - REMEMBERED_SECONDS
        for mark, at in list(self._acknowledged_at.items()):
            if at > old:
                break
            del self._acknowledged_at[mark]

    # What the log says

    def take_row(self, row: Row) -> None:
        if row.kind != EVENT:
            return
        if row.type == MESSAGE:
            self._take_message(row)
        elif (deed := deed_of(row.type, row.body)) is not None:
            self.seen[deed] += 1

    def lose(self, loss: Loss, position: int) -> None:
        """A replica was promoted. What was taken of the log, up to `position`, and is lost was never there."""
        self.promotions += 1
        self._answered_seq.clear()
        for deed, times in loss.deeds.items():
            if deed[0] == MESSAGE:
                self._note(str(deed[1]), LOST)
            else:
                self.lost[deed] += times
        for row in reversed(loss.lost_rows):
            if row.kind == EVENT and row.position <= position:
                self._untake_row(row)

    def _untake_row(self, row: Row) -> None:
        if row.type == MESSAGE:
            self._last_seq[row.body["room_id"]] = row.body["seq"] - 1
        if (deed := deed_of(row.type, row.body)) is None:
            return
        if row.type == MESSAGE:
            self._forget_position(str(deed[1]))
        else:
            self.seen[deed] -= 1

    def _take_message(self, row: Row) -> None:
        room_id, seq = row.body["room_id"], row.body["seq"]
        expected = self._last_seq.get(room_id, 0) + 1
        if seq != expected:
            self._findings.add("I3", f"room {room_id} has seq {seq} at {row.position} where {expected} should be")
        self._last_seq[room_id] = max(seq, expected)
        mark = row.body["client_message_id"]
        if mark is not None:
            if self._state(mark) & LOGGED:
                self._findings.add("I1", f"message {mark} is in the log once more, at {row.position}")
            self._note(mark, LOGGED)

    def _state(self, mark: str) -> int:
        writer, _, number = mark.rpartition("-")
        return self._messages.get(writer, {}).get(int(number), 0)

    def _note(self, mark: str, bits: int) -> int:
        """Each message is remembered as one small number. Returns it."""
        writer, _, number = mark.rpartition("-")
        states = self._messages.setdefault(writer, {})
        states[int(number)] = state = states.get(int(number), 0) | bits
        return state

    def _forget_position(self, mark: str) -> None:
        writer, _, number = mark.rpartition("-")
        self._messages[writer][int(number)] &= ~LOGGED

    # The end

    def settle(self) -> None:
        """Everything that was acknowledged must be in the log by now, but for what a promoted replica did not have."""
        for writer, states in self._messages.items():
            for number, state in states.items():
                self.acknowledged_lost += state == ACKNOWLEDGED | LOST
                if state == ACKNOWLEDGED:
                    self._findings.add("I1", f"message {writer}-{number} was acknowledged and is not in the log")
        for deed in self.acknowledged | self.seen:
            seen, most = self.seen[deed], self.acknowledged[deed] + self.unknown[deed]
            least = self.acknowledged[deed] - self.lost[deed]
            self.acknowledged_lost += max(0, self.acknowledged[deed] - seen)
            if not least <= seen:
                self._findings.add("I1", f"{deed} was acknowledged {least} times and is {seen} times in the log")
            elif seen > most:
                self._findings.add("I1", f"{deed} is {seen} times in the log, and was done {most} times at most")
