"""Every refusal as an RFC 9457 problem, whoever raised it: our actions, Django, DRF or the database."""

import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import structlog
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.request import Request

from chatserver.errors import ChatError, Invalid, NotFound, Unauthorized, Unavailable

SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
AUTHENTICATE = 'Bearer realm="chatserver"'
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
logger = structlog.get_logger(__name__)


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
