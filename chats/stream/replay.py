"""What streams that open together have missed: taken from memory once, and joined once for all that missed the same."""

from bisect import bisect_right
from collections.abc import Iterable

from chats.stream.dialects import Dialect
from chats.stream.recent_events import Frame, position_of
from chatserver.events.subscriptions import Subscriptions

MAX_REPLAY_EVENTS = 2_000
MAX_REPLAY_BYTES = 1024 * 1024

# By topic: from which index to which one in the list of its events, and from which seq on they may be about.
Spans = tuple[tuple[str, int, int, int], ...]


class Replay:
    """The rows of the log after the position `first`, up to `last`."""

    def __init__(self, first: int, last: int, frames: Iterable[Frame]) -> None:
        self._first = first
        self._last = last
        self._by_topic: dict[str, list[Frame]] = {}
        for frame in frames:
            if frame.row.is_event:
                self._by_topic.setdefault(frame.row.topic, []).append(frame)
        self._joined: dict[tuple[Dialect, Spans], bytes | None] = {}

    def covers(self, subscriptions: Subscriptions, seen: int) -> bool:
        """Whether everything after the position `seen` is here."""
        return self._first <= seen and subscriptions.position <= self._last

    def missed(self, subscriptions: Subscriptions, seen: int, dialect: Dialect) -> bytes | None:
        """The frames after `seen` that these subscriptions entitle to, joined; None where they are too many."""
        spans = []
        for topic in self._by_topic.keys() & subscriptions.since.keys():
            frames = self._by_topic[topic]
            start = bisect_right(frames, max(seen, subscriptions.since[topic]), key=position_of)
            end = bisect_right(frames, subscriptions.position, key=position_of)
            if start < end:
                visible_from = subscriptions.visible_from.get(topic, 0)
                # Else nobody else would share it.
                hides = visible_from and not all(frame.row.is_visible_from(visible_from) for frame in frames[start:end])
                spans.append((topic, start, end, visible_from if hides else 0))
        key = (dialect, tuple(sorted(spans)))
        if key not in self._joined:
            self._joined[key] = self._join(key[1], dialect)
        return self._joined[key]

    def _join(self, spans: Spans, dialect: Dialect) -> bytes | None:
        frames = [
            frame
            for topic, start, end, visible_from in spans
            for frame in self._by_topic[topic][start:end]
            if frame.row.is_visible_from(visible_from)
        ]
        if not fits(len(frames), sum(len(frame.row.body) for frame in frames)):
            return None
        if len(spans) > 1:
            frames.sort(key=position_of)
        return b"".join([frame.bytes_in(dialect) for frame in frames])


def fits(events: int, size: int) -> bool:
    """Whether a replay stays within its limits."""
    return events <= MAX_REPLAY_EVENTS and size <= MAX_REPLAY_BYTES
