"""The stream in the OpenAPI schema. It is no Django view, so it is described by hand."""

from typing import Any

NAMES = """
| event | data |
|---|---|
| `hello` | `{"position","user_id","resumed"}`, first on every stream |
| `message.created` `message.deleted` | a LogEvent; its `data` is the message |
| `room.created` `room.updated` `room.archived` | a LogEvent; its `data` is the room |
| `member.added` `member.removed` `member.updated` | a LogEvent; its `data` is the member |
| `read.updated` | a LogEvent; its `data` is `{"room_id","user_id","seq","unread"}` |
| `user.created` `user.updated` | a LogEvent; its `data` is the person |
| `typing.started` `presence.changed` | without an `id:`; never stored, never replayed |
| `reset` | `{"reason","position"}`: what you missed can't be told; fetch afresh, live events follow |
| `bye` | `{"reason"}`: the last event before the server closes |
"""
STREAM_PATH: dict[str, Any] = {
    "get": {
        "operationId": "stream_retrieve",
        "tags": ["stream"],
        "summary": "Everything that happens in my rooms, as it happens",
        "description": (
            "One `text/event-stream` for all rooms of the caller. Send the last `id:` that you saw when you come back, "
            f"and you get what you missed.\n{NAMES}"
        ),
        "parameters": [
            {
                "in": "header",
                "name": "Last-Event-ID",
                "description": "The last id seen. Wins over `last_event_id`.",
                "schema": {"type": "integer", "format": "int64", "minimum": 0},
            },
            {
                "in": "query",
                "name": "last_event_id",
                "description": "The same, for clients that can't send headers.",
                "schema": {"type": "integer", "format": "int64", "minimum": 0},
            },
        ],
        "security": [{"bearer": []}, {"basic": []}, {"cookie": []}, {"ticket": []}],
        "responses": {
            "200": {
                "description": "The stream. It ends when the caller's right does.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
    }
}
TICKET_SCHEME = {
    "type": "apiKey",
    "in": "query",
    "name": "ticket",
    "description": "A ticket of POST /api/v1/tickets/. Opens one stream, once, within 30 s.",
}
