"""What the servers promised to writers, held against the log (I1), and against the order of the answers (I3)."""

import time
from collections import Counter
from collections.abc import Hashable

from benchmarks.torture.findings import Findings
from benchmarks.torture.log import EVENT, Row

Deed = tuple[Hashable, ...]
# Until a message is as old as this, its lateness may still be asked for.
REMEMBERED_SECONDS = 120.0


class Ledger:
    """Messages are known by their client_message_id, other deeds by what they are about."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.acknowledged: Counter[Deed] = Counter()
        self.unknown: Counter[Deed] = Counter()
        self.seen: Counter[Deed] = Counter()
        # When a message was acknowledged, for as long as somebody may yet hear of it.
        self._acknowledged_at: dict[str, float] = {}
        self._messages: dict[str, dict[int, int]] = {}
        self._last_seq: dict[int, int] = {}
        self._answered_seq: dict[int, int] = {}
        self.messages_acknowledged = 0
        self.messages_unknown = 0

    # What writers say

    def highest_seq(self, room_id: int) -> int:
        """The highest seq of a room that any answer has told so far."""
        return self._answered_seq.get(room_id, 0)

    def message_acknowledged(self, mark: str, room_id: int, seq: int, above: int) -> None:
        """A send was answered with 2xx. `above` is highest_seq() of before the first try."""
        self.messages_acknowledged += 1
        self._acknowledged_at[mark] = time.monotonic()
        if seq <= above:
            self._findings.add(
                "I3", f"{mark} got seq {seq} in room {room_id}, but {above} was answered before it began"
            )
        self._answered_seq[room_id] = max(seq, self._answered_seq.get(room_id, 0))
        self._note(mark, acknowledged=True)

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
        match row.type:
            case "message.created":
                self._take_message(row)
            case "room.created" if row.body["name"]:
                self.seen["room.created", row.body["name"]] += 1
            case "member.added" | "member.removed":
                self.seen[row.type, row.body["room_id"], row.body["user"]["id"]] += 1

    def _take_message(self, row: Row) -> None:
        room_id, seq = row.body["room_id"], row.body["seq"]
        expected = self._last_seq.get(room_id, 0) + 1
        if seq != expected:
            self._findings.add("I3", f"room {room_id} has seq {seq} at {row.position} where {expected} should be")
        self._last_seq[room_id] = max(seq, expected)
        mark = row.body["client_message_id"]
        if mark is not None:
            self._note(mark, position=row.position)

    def _note(self, mark: str, *, acknowledged: bool = False, position: int = 0) -> None:
        """Each message is remembered as one small number: 1 acknowledged, 2 in the log."""
        writer, _, number = mark.rpartition("-")
        states = self._messages.setdefault(writer, {})
        state = states.get(int(number), 0)
        if position and state & 2:
            self._findings.add("I1", f"message {mark} is in the log once more, at {position}")
        states[int(number)] = state | (1 if acknowledged else 0) | (2 if position else 0)

    # The end

    def settle(self) -> None:
        """Everything that was acknowledged must be in the log by now."""
        for writer, states in self._messages.items():
            for number, state in states.items():
                if state == 1:
                    self._findings.add("I1", f"message {writer}-{number} was acknowledged and is not in the log")
        for deed in self.acknowledged | self.seen:
            least, seen = self.acknowledged[deed], self.seen[deed]
            most = least + self.unknown[deed]
            if not least <= seen:
                self._findings.add("I1", f"{deed} was acknowledged {least} times and is {seen} times in the log")
            elif seen > most:
                self._findings.add("I1", f"{deed} is {seen} times in the log, and was done {most} times at most")
