"""The old chat-service's /stream: data only, four types. It has no hello, reset or bye; ids move silently."""

from typing import Any

import msgspec

from chats.stream import sse
from chats.stream.dialects import Dialect
from chatserver.errors import ChatError
from chatserver.events.log import encode
from chatserver.events.rows import Row
from chatserver.http.problems import BodyWriter
from chatserver.http.scopes import Need
from chatserver.legacy.room_names import legacy_room_id, legacy_room_of_people


class LegacyDialect:
    """How /stream writes."""

    key_need: Need | None = None

    def event(self, row: Row) -> bytes:
        shown = legacy_event(row)
        if shown is None:
            return b""
        head = f"id: {row.position}\n" if row.position else ""
        return f"{head}data: {sse.in_one_line(encode(shown))}\n\n".encode()

    def hello(self, position: int, user_id: int, *, is_resumed: bool) -> bytes:
        return retry_frame() + sse.position_frame(position)

    def reset(self, position: int, reason: str) -> bytes:
        return sse.position_frame(position)

    def heartbeat(self, position: int) -> bytes:
        return sse.position_frame(position)

    def bye(self, reason: str) -> bytes:
        return retry_frame()


def legacy_event(row: Row) -> dict[str, Any] | None:
    """The event as old clients know it, {"type", "data"}; None if they know no such type."""
    if row.type not in {"message.created", "presence.changed", "room.created"}:
        return None
    body = msgspec.json.decode(row.body)
    match row.type:
        case "message.created" if body.get("kind") == "system":
            return None
        case "message.created":
            room_id = legacy_room_id(body["room_id"], body["sent_by"], body["received_by"])
            message = {"date": row.at, "from": body["sent_by"], "message": body["message"], "roomId": room_id}
            return {"type": "message", "data": message}
        case "presence.changed":
            person = {"id": str(body["id"]), "username": body["username"], "online": body["online"]}
            return {"type": "user.connected" if body["online"] else "user.disconnected", "data": person}
    return {"type": "show.room", "data": legacy_room_of_people(body["id"], body["name"], body["people"])}


def retry_frame() -> bytes:
    """When to come back after a lost connection."""
    return f"retry: {sse.retry_milliseconds()}\n\n".encode()


def legacy_error_body(error: ChatError, request_id: str) -> tuple[str, bytes]:
    """The media type and body of a refusal: the old ones."""
    return "application/json", msgspec.json.encode({"message": error.detail})


# By path: its dialect, and the bodies of its refusals.
STREAM_PATHS: dict[str, tuple[Dialect, BodyWriter]] = dict.fromkeys(
    ("/stream", "/stream/"), (LegacyDialect(), legacy_error_body)
)
