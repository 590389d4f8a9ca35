"""What every API view shares: JSON in and out, problem responses, key-paged lists, numbers from a query, throttles."""

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
import structlog
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import ChatError, Invalid, NotFound, Unauthorized, Unavailable

SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
AUTHENTICATE = 'Bearer realm="chatserver"'
LARGEST_ID = 2**63 - 1
DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100
TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Server error",
    503: "Service unavailable",
}

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
logger = structlog.get_logger(__name__)


class JsonRenderer(BaseRenderer):
    """JSON by msgspec, of what the serializers' functions have shaped."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None and _is_empty(renderer_context) else msgspec.json.encode(data)


def _is_empty(renderer_context: Any) -> bool:
    return bool(renderer_context) and renderer_context["response"].status_code == 204


class JsonParser(BaseParser):
    """A JSON body of any type; malformed UTF-8 or JSON is a 400."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return msgspec.json.decode(stream.read())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise exceptions.ParseError(f"The body is not JSON: {error}") from error


def sane_request_id(given: str) -> str:
    """The caller's own id of his request if it is one, else a new one."""
    return given if SANE_ID.fullmatch(given) else uuid.uuid4().hex


def problem_body(status: int, code: str, detail: str, request_id: str, errors: Sequence[dict[str, str]] = ()) -> bytes:
    """An RFC 9457 problem, as JSON."""
    return msgspec.json.encode(
        {
            "type": "about:blank",
            "title": TITLES.get(status, "Error"),
            "status": status,
            "detail": detail,
            "code": code,
            "request_id": request_id,
            "errors": list(errors),
        }
    )


def problem(
    request: HttpRequest | Request,
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[dict[str, str]] = (),
    retry_after: int | None = None,
) -> HttpResponse:
    """A problem response."""
    body = problem_body(status, code, detail, getattr(request, "request_id", ""), errors)
    response = HttpResponse(body, status=status, content_type="application/problem+json")
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    if status == 401:
        response["WWW-Authenticate"] = AUTHENTICATE
    return response


def refusal(request: HttpRequest | Request, error: ChatError) -> HttpResponse:
    """The problem response of a ChatError."""
    return problem(request, error.status, error.code, error.detail, errors=error.errors, retry_after=error.retry_after)


def stream_error_body(error: ChatError, request_id: str) -> tuple[bytes, bytes]:
    """The content type and body with which the stream refuses."""
    body = problem_body(error.status, error.code, error.detail, request_id, error.errors)
    return b"application/problem+json", body


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: whatever a view raised, as a problem. None for what is a bug (it becomes a 500)."""
    known = as_chat_error(error)
    return None if known is None else refusal(context["request"]._request, known)


def as_chat_error(error: Exception) -> ChatError | None:
    """Translate the errors of Django, DRF and the database into ours; None for what is a bug."""
    if isinstance(error, ChatError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return _http_error(403, "forbidden", str(error) or "You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return _http_error(413, "too_large", "The body is too large.")
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError | UnreadablePostError):
        return Invalid(str(error) or None)
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("database_away", error=str(error).strip())
        return Unavailable("The database does not answer; try again shortly.", code="database_unavailable")
    if isinstance(error, exceptions.ValidationError):
        return _validation_error(error)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Unauthorized(str(error.detail), code=str(error.get_codes()))
    if isinstance(error, exceptions.APIException):
        return _http_error(error.status_code, str(error.get_codes()), str(error.detail))
    return None


def _http_error(status: int, code: str, detail: str) -> ChatError:
    known = ChatError(detail, code=code)
    known.status = status
    return known


def _validation_error(error: exceptions.ValidationError) -> ChatError:
    found = list(_flatten(error.get_full_details(), ""))
    known = Invalid(found[0]["detail"] if found else None)
    known.errors = found
    return known


def _flatten(details: Any, field: str) -> Iterator[dict[str, str]]:
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": field or "non_field_errors", "code": details["code"], "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flatten(inner, f"{field}.{name}" if field else str(name))
    else:
        for inner in details:
            yield from _flatten(inner, field)


def whole_number(value: Any, name: str, *, least: int = 0, most: int = LARGEST_ID) -> int:
    """A number from a query or a path, or Invalid. Digits only: no sign, no space, no other script's digits."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most):
        raise Invalid(f"{name} must be a whole number from {least} to {most}.", field=name)
    return int(text)


def object_id(value: str) -> int:
    """An id from a path. What can be no id is not there: NotFound."""
    try:
        return whole_number(value, "id")
    except Invalid as error:
        raise NotFound from error


class Cursor:
    """`?before= | after= | around=` (an id) and `&limit=`, checked. At most one of the three; Invalid otherwise."""

    def __init__(self, request: Request) -> None:
        given = [name for name in ("before", "after", "around") if name in request.query_params]
        if len(given) > 1:
            raise Invalid("Use only one of before, after and around.", field=given[1])
        self.side = given[0] if given else None
        self.key = whole_number(request.query_params[given[0]], given[0]) if given else 0
        self.limit = whole_number(
            request.query_params.get("limit", DEFAULT_LIMIT), "limit", least=1, most=LARGEST_LIMIT
        )

    def slice(self, rows: QuerySet[Row], field: str) -> list[Row]:
        """Up to limit + 1 of the rows by this field, ascending; for `before` the nearest ones, descending."""
        if self.side == "before":
            return list(rows.filter(**{f"{field}__lt": self.key}).order_by(f"-{field}")[: self.limit + 1])
        if self.side == "around":
            raise Invalid("around is not used here.", field="around")
        if self.side == "after":
            rows = rows.filter(**{f"{field}__gt": self.key})
        return list(rows.order_by(field)[: self.limit + 1])


def page(items: Sequence[Item], show: Callable[[Item], Any], *, next: int | None, previous: int | None) -> Response:  # noqa: A002
    """A key-paged list. `next` goes into `?after=`, `previous` into `?before=`; null where there is nothing more."""
    return Response({"results": [show(item) for item in items], "next": next, "previous": previous})


def key_page(items: list[Item], cursor: Cursor, show: Callable[[Item], Any], key: Callable[[Item], int]) -> Response:
    """Answer with up to `limit` of items that were fetched behind (or before) the cursor with limit + 1."""
    has_more = len(items) > cursor.limit
    items = items[: cursor.limit]
    if cursor.side == "before":
        items = items[::-1]
        return page(items, show, next=key(items[-1]) if items else None, previous=key(items[0]) if has_more else None)
    return page(
        items,
        show,
        next=key(items[-1]) if has_more else None,
        previous=key(items[0]) if items and cursor.side else None,
    )
