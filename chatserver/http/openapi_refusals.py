"""Refusals in the OpenAPI schema: which statuses an operation may answer with, and the codes of each.

Most follow from the operation itself: whether it has a body, needs credentials, names something in its path. What else
a method refuses is said beside it, with refuses().
"""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema

from chatserver.error_codes import CODES
from chatserver.http.scopes import NO_KEY

View = TypeVar("View", bound=Callable[..., Any])
Schema = dict[str, Any]

EXTENSION = "x-refusals"
# Of a service key that acts for a person.
OF_PERSONS = {"user_not_found", "forbidden"}
DESCRIBED_METHODS = ("get", "post", "put", "patch", "delete")
FIELD_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["field", "code", "detail"],
    "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}},
}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. `code` is stable: programs decide by it. `detail` is a sentence for people.",
    "required": ["type", "title", "status", "detail", "code", "request_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": [code for codes in CODES.values() for code in codes]},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Conflict",
            "status": 409,
            "detail": "This username is taken.",
            "code": "username_taken",
            "request_id": "08082ff3a030457d85d85fd7ebe0dc3a",
            "errors": [{"field": "username", "code": "username_taken", "detail": "This username is taken."}],
        }
    ],
}
RETRY_AFTER_HEADER = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
RATE_HEADERS = {
    "X-RateLimit-Limit": {"description": "how many in the period of the limit", "schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"description": "how many may come at once now", "schema": {"type": "integer"}},
    "X-RateLimit-Reset": {"description": "seconds until it is full again", "schema": {"type": "integer"}},
}
AUTHENTICATE_HEADER = {"WWW-Authenticate": {"schema": {"type": "string"}}}
# status: (the name of its response, its description, its headers, the codes that any operation with it may have)
REFUSALS: dict[int, tuple[str, str, Schema, set[str]]] = {
    400: (
        "Malformed",
        "The request is malformed; `errors` names the fields.",
        {},
        {"invalid", "parse_error", "body_timeout", "body_incomplete"},
    ),
    401: (
        "NotAuthenticated",
        "Who are you? The credentials are missing or no longer valid.",
        AUTHENTICATE_HEADER,
        {"not_authenticated", "invalid_token", "invalid_credentials", "authentication_failed"},
    ),
    403: (
        "Forbidden",
        "You see it but may not change it.",
        {},
        {"permission_denied", "debug_is_local", "scope_missing"},
    ),
    404: ("NotFound", "Not there, or not yours.", {}, {"not_found"}),
    406: ("NotAcceptable", "The answer exists in no type that `Accept` allows.", {}, {"not_acceptable"}),
    409: ("Conflict", "It collides with what is there.", {}, set()),
    412: ("PreconditionFailed", "It has another version by now.", {}, set()),
    413: ("TooLarge", "The body is too large.", {}, {"too_large"}),
    415: ("UnsupportedMediaType", "The body is not JSON.", {}, {"unsupported_media_type"}),
    429: (
        "TooManyRequests",
        "A rate limit, or what an address may have under way, is used up.",
        RETRY_AFTER_HEADER | RATE_HEADERS,
        {"too_many_connections", "throttled"},
    ),
    503: (
        "Unavailable",
        "PostgreSQL, or what this needs beside it, is away; or too much happens at the moment.",
        RETRY_AFTER_HEADER,
        {"database_unavailable", "keys_unavailable", "busy", "overloaded"},
    ),
}


def refuses(*codes: str) -> Callable[[View], View]:
    """Marks a method that answers: it refuses with these codes, besides those that any operation like it may have."""
    return extend_schema(extensions={EXTENSION: codes})


def describe_refusals(result: Schema, **_: Any) -> Schema:
    """Postprocessing hook: adds the problems to each operation."""
    general = {name: (status, codes) for status, (name, _, _, codes) in REFUSALS.items() if codes}
    result["components"]["schemas"] |= {"Problem": PROBLEM_SCHEMA, "FieldProblem": FIELD_PROBLEM_SCHEMA} | {
        f"{name}Problem": _narrowed(status, codes) for name, (status, codes) in general.items()
    }
    result["components"]["responses"] = {
        name: _response(status, {"$ref": f"#/components/schemas/{name}Problem"})
        for name, (status, _) in general.items()
    }
    for path, operations in result["paths"].items():
        for method in DESCRIBED_METHODS:
            if method in operations:
                _describe(path, operations[method])
    return result


def _describe(path: str, operation: Schema) -> None:
    wanted = set(operation.pop(EXTENSION, ()))
    statuses = {400, 403, 429, 503}
    if operation.get("tags") != ["stream"]:  # which is no view of Django
        statuses.add(406)
    if operation.get("security"):
        statuses.add(401)
        if operation["x-scope"] != NO_KEY:
            wanted |= OF_PERSONS
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {413, 415}
    for status, (name, _, _, general) in REFUSALS.items():
        codes = (general if status in statuses else set()) | wanted.intersection(CODES[status])
        if codes and codes == general:
            operation["responses"][str(status)] = {"$ref": f"#/components/responses/{name}"}
        elif codes:
            operation["responses"][str(status)] = _response(status, _narrowed(status, codes))


def _narrowed(status: int, codes: set[str]) -> Schema:
    """A problem with one of these codes."""
    code = {"type": "string", "enum": [each for each in CODES[status] if each in codes]}
    return {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "object", "properties": {"code": code}}]}


def _response(status: int, schema: Schema) -> Schema:
    _, description, headers, _ = REFUSALS[status]
    return {"description": description, "headers": headers, "content": {"application/problem+json": {"schema": schema}}}
