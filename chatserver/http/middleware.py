"""What happens around every request to Django: its id, log line and metrics, and the answer to an outage."""

import time
from collections.abc import Awaitable, Callable

import structlog
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from chatserver.config.logging import log_request
from chatserver.http import metrics, probes
from chatserver.http.authorization import authorization_of
from chatserver.http.client_address import address_of
from chatserver.http.error_translation import as_chat_error
from chatserver.http.error_views import server_error
from chatserver.http.problems import problem, sane_request_id
from chatserver.http.route_labels import route_of
from chatserver.http.throttling import show_allowance

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; manifest-src 'self'"
)
# Swagger UI writes styles into the page itself.
DOCS_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

Handler = Callable[[HttpRequest], HttpResponse]
logger = structlog.get_logger(__name__)


class NoStoreMiddleware:
    """Nobody on the way keeps an answer that does not say of itself that they may: nearly each is one person's."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class HealthMiddleware:
    """Answers probes before anything else: they use an address, plain HTTP, and come every second."""

    views = {"/healthz": probes.healthz, "/readyz": probes.readyz, "/metrics": probes.metrics}

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = self.views.get(request.path_info.rstrip("/"))
        if view is None:
            return self.get_response(request)
        response = view(request)
        response["X-Request-ID"] = sane_request_id(request.META.get("HTTP_X_REQUEST_ID", ""))
        return response


class RequestLogMiddleware:
    """Gives the request an id, and writes one line and the metrics when it is answered."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = sane_request_id(request.META.get("HTTP_X_REQUEST_ID", ""))
        request.request_id = request_id  # type: ignore[attr-defined]  # problems show it
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            self._finish(request, response, time.perf_counter() - began)
            return response
        finally:
            structlog.contextvars.clear_contextvars()

    def _finish(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        show_allowance(request, response)
        metrics.count_request(request.method, route_of(request), response.status_code, seconds)
        log_request(
            method=request.method,
            path=request.path_info,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            user_id=getattr(request, "acting_user_id", None),
            address=address_of(request),
            **getattr(request, "log_facts", {}),
            request_id=request.request_id,  # type: ignore[attr-defined]  # ours
        )


class OutageMiddleware:
    """Answers with a problem where a view outside DRF met an outage, and for every bug below /api/."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        known = as_chat_error(error)
        if known is not None and (known.status == 503 or request.path_info.startswith("/api/")):
            return problem(request, known)
        if known is None and request.path_info.startswith("/api/"):
            logger.exception("bug", path=request.path_info)
            return server_error(request)
        return None


class ContentSecurityMiddleware:
    """A strict Content-Security-Policy on every page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            is_docs = request.path_info.startswith("/api/v1/docs")
            response["Content-Security-Policy"] = DOCS_POLICY if is_docs else POLICY
        return response


class ForBrowsers(MiddlewareMixin):
    """A middleware for cookies. API requests with a bearer token skip it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        authorization = authorization_of(request) if request.path_info.startswith("/api/") else None
        if authorization is not None and authorization.scheme == "bearer":
            return self.get_response(request)
        return super().__call__(request)


class PersonMiddleware(ForBrowsers, AuthenticationMiddleware):
    """Django's user of a session."""


class AdminMessageMiddleware(ForBrowsers, MessageMiddleware):
    """Django's messages, which only the admin uses."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith("/admin/"):
            super().process_request(request)


class PatientSessionMiddleware(ForBrowsers, SessionMiddleware):
    """Django's sessions, without the deletion of a cookie that names no session.

    A page that is still open sends the old cookie while another tab signs in; the answer would delete the new
    cookie. Logging out still deletes it: that changes the session.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.session.is_empty() and not request.session.modified:
            return response
        return super().process_response(request, response)
