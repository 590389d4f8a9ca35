"""What the OpenAPI schema says beyond the serializers: pages and problems.

drf-spectacular reads views and serializers. Refusals are written in one place, so they are described in one place, for
all operations.
"""

from functools import cache
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_list_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema_field, inline_serializer
from rest_framework import serializers

from chatserver.http.pagination import DEFAULT_LIMIT, LARGEST_LIMIT

DESCRIBED_METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. `code` is stable: programs decide by it. `detail` is a sentence for people.",
    "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
RETRY_AFTER_HEADER = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
RATE_HEADERS = {
    "X-RateLimit-Limit": {"description": "how many in the period of the limit", "schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"description": "how many may come at once now", "schema": {"type": "integer"}},
    "X-RateLimit-Reset": {"description": "seconds until it is full again", "schema": {"type": "integer"}},
}
AUTHENTICATE_HEADER = {"WWW-Authenticate": {"schema": {"type": "string"}}}
# status: (name of the response, its description, its headers)
REFUSAL_RESPONSES: dict[int, tuple[str, str, dict[str, Any]]] = {
    400: ("Malformed", "The request is malformed; `errors` names the fields.", {}),
    401: ("NotAuthenticated", "Who are you? The credentials are missing or no longer valid.", AUTHENTICATE_HEADER),
    403: ("Forbidden", "You see it but may not change it.", {}),
    404: ("NotFound", "Not there, or not yours.", {}),
    406: ("NotAcceptable", "The answer exists in no type that `Accept` allows.", {}),
    409: ("Conflict", "It collides with what is there.", {}),
    413: ("TooLarge", "The body is too large.", {}),
    415: ("UnsupportedMediaType", "The body is not JSON.", {}),
    429: (
        "TooManyRequests",
        "A rate limit, or what an address may have under way, is used up.",
        RETRY_AFTER_HEADER | RATE_HEADERS,
    ),
    503: ("Unavailable", "PostgreSQL, or what this needs beside it, is away.", RETRY_AFTER_HEADER),
}
CURSOR_PARAMETERS = [
    OpenApiParameter("before", {"type": "integer", "format": "int64", "minimum": 0}, description="an id"),
    OpenApiParameter("after", {"type": "integer", "format": "int64", "minimum": 0}, description="an id"),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        description="how many at most",
    ),
]

# The same for a list whose order moves.
PLACE_PARAMETERS = [
    OpenApiParameter(name, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*$"}, description="as a page gave it")
    for name in ("before", "after")
] + CURSOR_PARAMETERS[2:]


class PlainSchema(AutoSchema):
    """A response is a list only where its serializer says so: our lists are objects with `results`."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        return bool(super()._is_list_view() if serializer is None else is_list_serializer(serializer))


def path_id(name: str, description: str) -> OpenApiParameter:
    """An id in the path."""
    schema = {"type": "integer", "format": "int64", "minimum": 0}
    return OpenApiParameter(name, schema, OpenApiParameter.PATH, description=description)


def query_number(name: str, description: str, *, least: int = 0, **extra: int) -> OpenApiParameter:
    """A whole number in the query; `extra` are further keywords of its schema."""
    schema = {"type": "integer", "format": "int64", "minimum": least, **extra}
    return OpenApiParameter(name, schema, description=description)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class PlaceField(serializers.Field[Any, Any, Any, Any]):
    """An id, or a place in a list whose order moves."""


@cache
def paged(
    item: type[serializers.BaseSerializer[Any]],
    key: type[serializers.Field[Any, Any, Any, Any]] = serializers.IntegerField,
) -> serializers.Serializer[Any]:
    """The schema of a key-paged list, as pagination.page() makes it. `key` is that of `next` and `previous`."""
    name = item.__name__.removesuffix("Serializer") + "KeyPage"
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        "results": item(many=True),
        "next": key(allow_null=True, help_text="what to send as `after` for the next page"),
        "previous": key(allow_null=True, help_text="what to send as `before` for the one before"),
    }
    return inline_serializer(name, fields)


@cache
def results_of(item: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The schema of a whole list, which has no pages."""
    return inline_serializer(item.__name__.removesuffix("Serializer") + "Results", {"results": item(many=True)})


def describe_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: adds the problems to each operation."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM_SCHEMA
    components["responses"] = {name: _refusal(text, headers) for name, text, headers in REFUSAL_RESPONSES.values()}
    for operations in result["paths"].values():
        for method in DESCRIBED_METHODS:
            if method in operations:
                _describe(method, operations[method])
    return result


def _refusal(description: str, headers: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "headers": headers, "content": {"application/problem+json": {"schema": schema}}}


def _describe(method: str, operation: dict[str, Any]) -> None:
    statuses = {400, 401, 403, 404, 406, 429, 503}
    if method != "get":
        statuses |= {409, 413, 415}
    for status in sorted(statuses):
        ref = {"$ref": f"#/components/responses/{REFUSAL_RESPONSES[status][0]}"}
        operation["responses"].setdefault(str(status), ref)
