"""Streams that do not hear of what is older than they may see, by topic.

Nearly all events are about something new, or the topic has no such streams: that must cost a look-up and no more. So
the streams of a topic are sorted by the seq from which on they hear.
"""

from bisect import bisect_left, bisect_right, insort
from operator import itemgetter

from chats.stream.connection import Connection


class LimitedStreams:
    """Those of one process."""

    def __init__(self) -> None:
        # With their ids, so that no two are compared themselves.
        self._by_topic: dict[str, list[tuple[int, str, Connection]]] = {}

    def add(self, topic: str, connection: Connection) -> None:
        """Note a stream that hears the topic; nothing if it hears all of it."""
        if visible_from := connection.topics[topic]:
            insort(self._by_topic.setdefault(topic, []), (visible_from, connection.id, connection))

    def remove(self, topic: str, connection: Connection) -> None:
        """Forget a stream. Nothing if it was not noted."""
        if visible_from := connection.topics.get(topic):
            found = self._by_topic[topic]
            # No other has this id: connections are not compared.
            del found[bisect_left(found, (visible_from, connection.id))]
            if not found:
                del self._by_topic[topic]

    def above(self, topic: str, seq: int) -> list[Connection]:
        """The streams that hear the topic from a higher seq on."""
        found = self._by_topic.get(topic)
        if not found:
            return []
        return [connection for _, _, connection in found[bisect_right(found, seq, key=itemgetter(0)) :]]
