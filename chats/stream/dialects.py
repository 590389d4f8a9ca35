"""How a stream writes what it has to tell: the API's way, and what any other way must offer."""

from typing import Protocol

from chats.stream import sse
from chatserver.events.rows import Row


class Dialect(Protocol):
    """How a stream writes. hello and bye tell when to come back. An empty frame: it has no word for that."""

    def event(self, row: Row) -> bytes: ...
    def hello(self, position: int, user_id: int, *, is_resumed: bool) -> bytes: ...
    def reset(self, position: int, reason: str) -> bytes: ...
    def bye(self, reason: str) -> bytes: ...


class ApiDialect:
    """The contract of /api/v1/stream."""

    def event(self, row: Row) -> bytes:
        return sse.event_frame(row)

    def hello(self, position: int, user_id: int, *, is_resumed: bool) -> bytes:
        data = {"position": position, "user_id": user_id, "resumed": is_resumed}
        return sse.control_frame("hello", data, position, retry=True)

    def reset(self, position: int, reason: str) -> bytes:
        return sse.control_frame("reset", {"reason": reason, "position": position}, position)

    def bye(self, reason: str) -> bytes:
        return sse.control_frame("bye", {"reason": reason}, retry=True)


API = ApiDialect()
