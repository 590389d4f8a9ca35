"""The catalogue of events over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatserver.events.schema import DIALECT, event_schemas
from chatserver.http.outsiders import OWN, Outsiders
from chatserver.http.scopes import ANY_KEY

DESCRIBED = {
    "summary": {"type": "string"},
    "since": {"type": "string", "description": "the first version that has it"},
    "example": {"type": "object"},
    "schema": {"type": "object", "description": 'a reference into `$defs`: `{"$ref":"#/$defs/…"}`'},
}
OF_TYPES = {
    "topics": {
        "type": "array",
        "items": {"type": "string"},
        "description": "patterns of the topics that it is sent on",
    },
    "heard_by": {"type": "string", "description": "the same in words"},
    "is_stored": {"type": "boolean", "description": "whether it has a position and is replayed"},
}


def _named(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with a description under each name."""
    described = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "object", "additionalProperties": described}


RESPONSE = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string", "const": DIALECT},
        "types": _named(DESCRIBED | OF_TYPES),
        "control": _named(DESCRIBED),
        "$defs": {"type": "object", "additionalProperties": {"type": "object"}},
    },
    "required": ["$schema", "types", "control", "$defs"],
}


class EventSchemaView(APIView):
    """Which events exist."""

    key_scope = ANY_KEY
    outsiders = Outsiders(OWN)
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="schema_events_retrieve",
        summary="Which events exist, with a JSON Schema for each",
        responses={200: RESPONSE},
    )
    def get(self, request: Request) -> Response:
        """`types` are events in their envelope, `control` the data of `hello`, `reset` and `bye`.

        The schemas (JSON Schema 2020-12) allow fields that they do not name: more may come with any version, as may
        more types. Clients ignore those that they do not know.
        """
        return Response(event_schemas())
