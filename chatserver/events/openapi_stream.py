"""The stream in the OpenAPI schema. It is no Django view, so it is described by hand, but for the events themselves."""

from typing import Any

from chatserver.events import catalogue
from chatserver.events.tables import control_table, ephemeral_table, stored_table
from chatserver.http.openapi_refusals import EXTENSION
from chatserver.http.outsiders import OWN, Outsiders
from chatserver.http.scopes import Need

PATH = "/api/v1/stream"
STREAM_NEED = Need("events:read")
DESCRIPTION = """\
One `text/event-stream` for all rooms of the caller. Send the last `id:` that you saw when you come back, and you get
what you missed.

The schema of the answer is that of one frame, parsed as the HTML standard says. The `data:` of a stored event is an
Event:

{stored}

Without an `id:`, never stored and never replayed, an EphemeralEvent:

{ephemeral}

About the stream itself:

{control}
"""
EVENT_ID = {"type": "string", "pattern": "^[0-9]+$", "description": "a position of the log"}
RETRY = {"type": "integer", "description": "milliseconds after which to come back"}
TICKET_SCHEME = {
    "type": "apiKey",
    "in": "query",
    "name": "ticket",
    "description": "A ticket of POST /api/v1/tickets/. Opens one stream, once, within 30 s.",
}


def operation() -> dict[str, Any]:
    """GET on the stream."""
    tables = {"stored": stored_table(), "ephemeral": ephemeral_table(), "control": control_table()}
    last_id = {"type": "integer", "format": "int64", "minimum": 0}
    return {
        "operationId": "stream_retrieve",
        "tags": ["stream"],
        "summary": "Everything that happens in my rooms, as it happens",
        "description": DESCRIPTION.format(**tables),
        "parameters": [
            {
                "in": "header",
                "name": "Last-Event-ID",
                "description": "The last id seen. Wins over `last_event_id`.",
                "schema": last_id,
            },
            {
                "in": "query",
                "name": "last_event_id",
                "description": "The same, for clients that can't send headers. `lastEventId`, as polyfills of "
                "EventSource write it, is taken as well.",
                "schema": last_id,
            },
            {
                "in": "query",
                "name": "all",
                "description": "Every event of the deployment with a position; for service keys with `events:read`.",
                "schema": {"type": "boolean"},
            },
            {
                "in": "query",
                "name": "types",
                "description": "With `all`: types like `message.*`, with commas between them.",
                "schema": {"type": "string"},
            },
        ],
        "security": [{"bearer": []}, {"basic": []}, {"cookie": []}, {"ticket": []}],
        "x-scope": STREAM_NEED.scope,
        "x-outsiders": Outsiders(OWN).row(STREAM_NEED, reads_credentials=True, needs_credentials=True),
        EXTENSION: ("invalid_last_event_id", "invalid_ticket", "not_ready", "too_many_streams"),
        "responses": {
            "200": {
                "description": "The stream. It ends when the caller's right does.",
                "content": {"text/event-stream": {"schema": _ref("StreamFrame")}},
            }
        },
    }


def frames(control_data: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    """The components of what comes over a stream: name -> schema. `control_data`: control event -> ref of its data."""
    types = catalogue.sorted_types()
    made = {
        "EventFrame": _frame([each.name for each in types if each.is_stored], _ref("Event"), id=EVENT_ID),
        "EphemeralEventFrame": _frame([each.name for each in types if not each.is_stored], _ref("EphemeralEvent")),
    }
    for event in catalogue.CONTROL.values():
        fields = ({"id": EVENT_ID} if event.has_id else {}) | ({"retry": RETRY} if event.has_retry else {})
        frame = _frame([event.name], control_data[event.name], **fields)
        made[f"{event.name.capitalize()}Frame"] = frame | {"description": event.summary}
    return made | {"StreamFrame": {"oneOf": [_ref(name) for name in made]}}


def _frame(names: list[str], data: dict[str, str], **fields: dict[str, str]) -> dict[str, Any]:
    """A frame that is dispatched under one of these names; its `data:` is JSON of this schema."""
    event = {"type": "string", "enum": names} if len(names) > 1 else {"type": "string", "const": names[0]}
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    properties = {"event": event, "data": text, **fields}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(component: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{component}"}
