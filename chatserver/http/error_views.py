"""Answers outside of views: to unknown paths, and to what Django refuses or fails at."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from chatserver.errors import ChatError, Invalid, NotFound
from chatserver.http.problems import problem


@csrf_exempt
def no_such_path(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(request, NotFound("There is no such path."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For a Host that is not ours, for a form with too many fields."""
    if isinstance(exception, DisallowedHost):
        request.log_facts = {"code": "host_not_allowed"}  # type: ignore[attr-defined]  # of the request's log line
    return problem(request, Invalid())


def server_error(request: HttpRequest) -> HttpResponse:
    detail = "Something broke here; the log has it under this request_id."
    return problem(request, ChatError(detail, code="server_error", status=500))
