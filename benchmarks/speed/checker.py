"""What one stream must see: each message of each of its rooms once, in order, without a gap, and nothing else.

A peer that has no positions gives 0 as each."""

from typing import NamedTuple

from benchmarks.speed.events import Event


class Batch(NamedTuple):
    """Events that follow each other as they must, by themselves: what is left to check is whether they may come now.

    By room, `first` is the seq of the first message, and `next` the one that has to follow the last.
    """

    first: dict[int, int]
    next: dict[int, int]
    first_position: int
    last_position: int
    began: list[float]


def batch_of(events: list[Event]) -> Batch | None:
    """These events as a batch; None where one does not follow the other."""
    if not events:
        return None
    first: dict[int, int] = {}
    for event in events:
        first.setdefault(event.room, event.seq)
    checker = Checker(expected=first)
    if any(checker.fault_of(event) is not None for event in events):
        return None
    following = {room: checker.next_seq(room) for room in first}
    return Batch(first, following, events[0].position, events[-1].position, [event.began for event in events])


class Checker:
    """Checks one stream. `rooms` are those it may hear (None: any), `expected` the first seq of a room."""

    __slots__ = ("_next", "_position", "_rooms")

    def __init__(self, rooms: frozenset[int] | None = None, expected: dict[int, int] | None = None) -> None:
        self._rooms = rooms
        self._next = dict(expected or {})
        self._position = -1

    @property
    def position(self) -> int:
        """Where to resume: that of the last event, else where the stream began; -1 before either."""
        return self._position

    def begin_at(self, position: int) -> None:
        """The stream begins behind this position of the log."""
        self._position = max(self._position, position)

    def next_seq(self, room: int) -> int:
        """The seq that this room's next message must have; 0 where nothing is known yet."""
        return self._next.get(room, 0)

    def takes(self, batch: Batch) -> bool:
        """Whether these are right as the next events; then they are taken. Else each is to be looked at by itself."""
        following = self._next
        if batch.first_position and batch.first_position <= self._position:
            return False
        for room, seq in batch.first.items():
            if following.get(room) != seq:
                return False
        following.update(batch.next)
        self._position = batch.last_position
        return True

    def fault_of(self, event: Event) -> str | None:
        """What is wrong with the next event; None where it is right."""
        room, seq, position, _ = event
        wanted = self._next.get(room)
        if wanted == seq and (position > self._position or not position):
            self._next[room] = seq + 1
            self._position = position
            return None
        if self._rooms is not None and room not in self._rooms:
            return f"wrong room: an event of room {room}"
        self._next[room] = max(seq + 1, wanted or 0)
        behind, self._position = self._position, max(position, self._position)
        if wanted is not None and seq > wanted:
            return f"gap: seq {seq} of room {room} came where {wanted} was due"
        if wanted is not None and seq < wanted:
            return f"repeat or wrong order: seq {seq} of room {room} came where {wanted} was due"
        if position and position <= behind:
            return f"wrong order: position {position} came behind {behind}"
        return None
