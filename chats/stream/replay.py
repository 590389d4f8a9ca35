"""What streams that open together have missed: taken once from the ring, and joined once for who missed the same."""

from bisect import bisect_right
from collections.abc import Iterable

from chats.stream.dialects import Dialect
from chats.stream.ring import Frame
from chatserver.events.log import Standing

MAX_REPLAY_EVENTS = 2_000
MAX_REPLAY_BYTES = 1024 * 1024


class Replay:
    """The events behind the position `first`, up to that of the standings with which it is asked."""

    def __init__(self, first: int, frames: Iterable[Frame]) -> None:
        self.first = first
        self._by_topic: dict[str, list[Frame]] = {}
        for frame in frames:
            if frame.row.is_event:
                self._by_topic.setdefault(frame.row.topic, []).append(frame)
        self._joined: dict[tuple[Dialect, tuple[tuple[str, int], ...]], bytes | None] = {}

    def missed(self, standing: Standing, last: int, dialect: Dialect) -> bytes | None:
        """The frames behind `last` of what he may hear, joined; None where they are too many."""
        # By topic, where in its list those behind him begin.
        starts = []
        for topic in self._by_topic.keys() & standing.since.keys():
            frames = self._by_topic[topic]
            start = bisect_right(frames, max(last, standing.since[topic]), key=_position_of)
            if start < len(frames):
                starts.append((topic, start))
        key = (dialect, tuple(sorted(starts)))
        if key not in self._joined:
            self._joined[key] = self._join(starts, dialect)
        return self._joined[key]

    def _join(self, starts: list[tuple[str, int]], dialect: Dialect) -> bytes | None:
        frames = [frame for topic, start in starts for frame in self._by_topic[topic][start:]]
        if not fits(len(frames), sum(len(frame.row.body) for frame in frames)):
            return None
        if len(starts) > 1:
            frames.sort(key=_position_of)
        return b"".join([frame.bytes_in(dialect) for frame in frames])


def fits(events: int, size: int) -> bool:
    """Whether a replay stays in its limits."""
    return events <= MAX_REPLAY_EVENTS and size <= MAX_REPLAY_BYTES


def _position_of(frame: Frame) -> int:
    return frame.row.position
