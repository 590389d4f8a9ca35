"""How events are written to a stream: the API's format, and what any other format must offer."""

from typing import Protocol

from chats.stream import sse
from chatserver.events.rows import Row
from chatserver.http.scopes import Need


class Dialect(Protocol):
    """A format of the stream. hello and bye say when to come back. Events that it does not have are empty.

    `key_need` is what a service key needs to open such a stream; None where no key may.
    """

    key_need: Need | None

    def event(self, row: Row) -> bytes: ...
    def hello(self, position: int, user_id: int, *, is_resumed: bool) -> bytes: ...
    def reset(self, position: int, reason: str) -> bytes: ...
    def bye(self, reason: str) -> bytes: ...
    def heartbeat(self, position: int) -> bytes: ...


class ApiDialect:
    """The contract of /api/v1/stream."""

    key_need: Need | None = Need("events:read")

    def event(self, row: Row) -> bytes:
        return sse.event_frame(row)

    def hello(self, position: int, user_id: int, *, is_resumed: bool) -> bytes:
        data = {"position": position, "user_id": user_id, "resumed": is_resumed}
        return sse.control_frame("hello", data, position, retry=True)

    def reset(self, position: int, reason: str) -> bytes:
        return sse.control_frame("reset", {"reason": reason, "position": position}, position)

    def bye(self, reason: str) -> bytes:
        return sse.control_frame("bye", {"reason": reason}, retry=True)

    def heartbeat(self, position: int) -> bytes:
        return sse.control_frame("heartbeat", {"position": position}, position)


API = ApiDialect()
