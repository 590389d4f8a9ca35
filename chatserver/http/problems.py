"""Every refusal as an RFC 9457 problem, as a Django response; refusals.py has those before Django."""

import re
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from chatserver.errors import ChatError
from chatserver.http.error_translation import as_chat_error

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
CHALLENGE = 'Bearer realm="chatserver"'
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

# The media type and the body of a refusal with this request id.
BodyWriter = Callable[[ChatError, str], tuple[str, bytes]]


class Refusal(NamedTuple):
    """What answers a request that is refused, whichever server interface it came by."""

    status: int
    headers: dict[str, str]
    body: bytes


def sane_request_id(given: str) -> str:
    """The caller's own id of the request if it is one, else a new one."""
    return given if SANE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def problem_body(error: ChatError, request_id: str) -> tuple[str, bytes]:
    """An RFC 9457 problem: its media type and its JSON."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(error.status, "Error"),
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
        "errors": error.errors,
    }
    return "application/problem+json", msgspec.json.encode(body)


def write_refusal(error: ChatError, request_id: str, write_body: BodyWriter = problem_body) -> Refusal:
    """The one place that decides the status, the headers and the body of a refusal."""
    media_type, body = write_body(error, request_id)
    headers = {"Content-Type": media_type, "Cache-Control": "no-store", **error.headers}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    return Refusal(error.status, headers, body)


def problem(request: HttpRequest | Request, error: ChatError) -> HttpResponse:
    """The refusal as a Django response."""
    status, headers, body = write_refusal(error, getattr(request, "request_id", ""))
    return HttpResponse(body, status=status, headers=headers)


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: what a view raised, as a problem. None for a bug, which becomes a 500."""
    known = as_chat_error(error)
    return None if known is None else problem(context["request"]._request, known)
