"""The two ways to write the same events: the API's, and the old chat-service's."""

from typing import Any, Protocol

import msgspec

from chats.stream import sse
from chatserver.events.rows import Row
from rooms.legacy_names import legacy_room_id, legacy_room_of_people


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


class LegacyDialect:
    """The old chat-service's /stream: data only, four types. It has no hello, reset or bye; ids move silently."""

    def event(self, row: Row) -> bytes:
        shown = legacy_event(row)
        return b"" if shown is None else sse.data_frame(shown, row.position)

    def hello(self, position: int, user_id: int, *, is_resumed: bool) -> bytes:
        return sse.retry_frame() + sse.position_frame(position)

    def reset(self, position: int, reason: str) -> bytes:
        return sse.position_frame(position)

    def bye(self, reason: str) -> bytes:
        return sse.retry_frame()


def legacy_event(row: Row) -> dict[str, Any] | None:
    """What the old clients know of an event: {"type", "data"}, or None."""
    if row.type not in {"message.created", "presence.changed", "room.created"}:
        return None
    body = msgspec.json.decode(row.body)
    match row.type:
        case "message.created":
            room_id = legacy_room_id(body["room_id"], body["sent_by"], body["received_by"])
            message = {"date": row.at, "from": body["sent_by"], "message": body["message"], "roomId": room_id}
            return {"type": "message", "data": message}
        case "presence.changed":
            person = {"id": str(body["id"]), "username": body["username"], "online": body["online"]}
            return {"type": "user.connected" if body["online"] else "user.disconnected", "data": person}
    return {"type": "show.room", "data": legacy_room_of_people(body["id"], body["name"], body["people"])}


API = ApiDialect()
LEGACY = LegacyDialect()
