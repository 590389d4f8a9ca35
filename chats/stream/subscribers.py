"""The streams of one process: by id, by user, and by the topics that they hear.

What they hear changes only by rows of the log.
"""

from collections.abc import Collection, Iterable
from typing import TypeVar

from chats.stream.connection import Connection
from chats.stream.limited_streams import LimitedStreams
from chats.stream.recent_events import Frame
from chatserver.events.models import Kind
from chatserver.events.revocations import credential_of, is_meant
from chatserver.events.rows import Row

Key = TypeVar("Key", str, int, frozenset[str])


class Subscribers:
    """The streams that the hub delivers to."""

    def __init__(self) -> None:
        self._by_id: dict[str, Connection] = {}
        # Tuples: nearly everybody has one stream, and a set of one takes four times the memory.
        self._by_user: dict[int, tuple[Connection, ...]] = {}
        self._by_topic: dict[str, set[Connection]] = {}
        # Those of them that do not hear of what is older than they may see.
        self._limited = LimitedStreams()
        # Those that hear the whole log, by the types that they hear.
        self._by_types: dict[frozenset[str], set[Connection]] = {}
        # By the account whose service key opened them.
        self._by_service: dict[int, set[Connection]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def connections(self) -> list[Connection]:
        return list(self._by_id.values())

    @property
    def user_ids(self) -> list[int]:
        return list(self._by_user)

    def add(self, connection: Connection) -> None:
        self._by_id[connection.id] = connection
        self._by_user[connection.user_id] = (*self._by_user.get(connection.user_id, ()), connection)
        for topic in connection.topics:
            self._enter(topic, connection)
        if connection.whole_types is not None:
            self._by_types.setdefault(connection.whole_types, set()).add(connection)
        if connection.service_id is not None:
            self._by_service.setdefault(connection.service_id, set()).add(connection)

    def remove(self, connection: Connection) -> bool:
        """Returns whether it was attached."""
        if self._by_id.pop(connection.id, None) is None:
            return False
        others = tuple(other for other in self._by_user[connection.user_id] if other is not connection)
        if others:
            self._by_user[connection.user_id] = others
        else:
            del self._by_user[connection.user_id]
        for topic in connection.topics:
            self._leave(topic, connection)
        if connection.whole_types is not None:
            _discard(self._by_types, connection.whole_types, connection)
        if connection.service_id is not None:
            _discard(self._by_service, connection.service_id, connection)
        return True

    def apply(self, row: Row) -> None:
        """Apply a SUBSCRIBE, UNSUBSCRIBE or REVOKE row to the streams of the users that it names.

        A REVOKE also ends what was opened for others by the keys of a service account.
        """
        for connection in self.of_users(row.user_ids or ()):
            hears_topics = connection.whole_types is None
            if hears_topics and row.kind in {Kind.SUBSCRIBE, Kind.UNSUBSCRIBE}:
                self._leave(row.topic, connection)
            apply_row(connection, row)
            if hears_topics and row.kind == Kind.SUBSCRIBE:
                self._enter(row.topic, connection)
        if row.kind == Kind.REVOKE:
            for service_id in row.user_ids or ():
                for connection in self._by_service.get(service_id, ()):
                    apply_row(connection, row)

    def _enter(self, topic: str, connection: Connection) -> None:
        self._by_topic.setdefault(topic, set()).add(connection)
        self._limited.add(topic, connection)

    def _leave(self, topic: str, connection: Connection) -> None:
        _discard(self._by_topic, topic, connection)
        self._limited.remove(topic, connection)

    def of_users(self, user_ids: Iterable[int]) -> list[Connection]:
        return [connection for user_id in user_ids for connection in self._by_user.get(user_id, ())]

    def of_topics(self, topics: list[str]) -> Collection[Connection]:
        """Those that hear any of these topics, each once. Not a copy where it is one topic."""
        if len(topics) == 1:
            return self._by_topic.get(topics[0], ())
        return set().union(*(self._by_topic.get(topic, ()) for topic in topics))

    def not_hearing_of(self, topic: str, about_seq: int) -> list[Connection]:
        """Those that hear a topic, but nothing about this seq."""
        return self._limited.above(topic, about_seq)

    def of_whole_log(self) -> Collection[tuple[frozenset[str], set[Connection]]]:
        """Those that hear the whole log: the types of events that they hear, and the streams."""
        return self._by_types.items()

    def by_id(self, stream_ids: Iterable[str]) -> list[Connection]:
        """Those of these streams that this process holds."""
        return [self._by_id[stream_id] for stream_id in stream_ids if stream_id in self._by_id]

    def surplus_of(self, user_id: int, limit: int) -> list[Connection]:
        """A user's oldest streams in this process, beyond `limit`."""
        staying = [connection for connection in self._by_user.get(user_id, ()) if connection.end_reason is None]
        staying.sort(key=lambda connection: connection.opened_at)
        return staying[: max(0, len(staying) - limit)]


def _discard(index: dict[Key, set[Connection]], key: Key, connection: Connection) -> None:
    found = index.get(key)
    if found is not None:
        found.discard(connection)
        if not found:
            del index[key]


def apply_row(connection: Connection, row: Row) -> None:
    """Apply a SUBSCRIBE, UNSUBSCRIBE or REVOKE row to a stream of a user that it names."""
    match row.kind:
        case Kind.SUBSCRIBE | Kind.UNSUBSCRIBE if connection.whole_types is not None:
            pass
        case Kind.SUBSCRIBE:
            connection.topics[row.topic] = row.about_seq or 0
        case Kind.UNSUBSCRIBE:
            connection.topics.pop(row.topic, None)
        case Kind.REVOKE:
            # Only if it ends this credential, and came after the position at which the credential was found valid.
            if row.position > connection.position and is_meant(credential_of(row.body), connection.credential):
                connection.end(row.type)


def apply_frame(connection: Connection, frame: Frame) -> None:
    """Apply one row of the log to a stream that is not attached yet."""
    row = frame.row
    if row.is_event:
        encoded = frame.bytes_in(connection.dialect) if connection.hears(row) else b""
        if encoded:
            connection.push(encoded)
    elif connection.user_id in (row.user_ids or ()) or (
        row.kind == Kind.REVOKE and connection.service_id in (row.user_ids or ())
    ):
        apply_row(connection, row)
