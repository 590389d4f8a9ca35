"""Writes an entry for each request of Django that came with a service key, whatever it was answered with."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from chatserver.audit.entries import entry_of, record
from chatserver.http.caller import Caller
from chatserver.http.parameters import as_whole_number
from chatserver.http.route_labels import route_of

# What an answer tells of what a request made: its ids in these fields.
ANSWERED_IDS = ("id", "room_id", "user_id")


class AuditMiddleware:
    """Behind the one that gives requests their ids."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Set by users.authentication.
        caller: Caller | None = getattr(request, "caller", None)
        if caller is not None and caller.service_id is not None:
            entry = entry_of(
                caller,
                method=request.method or "",
                route=route_of(request),
                status=response.status_code,
                request_id=request.request_id,  # type: ignore[attr-defined]  # ours
                targets=targets_of(request, response),
            )
            record(entry)
        return response


def targets_of(request: HttpRequest, response: HttpResponse) -> dict[str, int]:
    """The ids in the path, and those of what was answered. Never another text of the path: it may name a person."""
    answered: Any = getattr(response, "data", None)
    found = {name: answered.get(name) for name in ANSWERED_IDS} if isinstance(answered, dict) else {}
    if request.resolver_match is not None:
        kwargs = request.resolver_match.kwargs
        found |= {"id" if name == "pk" else name: kwargs[name] for name in kwargs if name != "external_id"}
    numbers = {name: as_whole_number(value) for name, value in found.items()}
    return {name: number for name, number in numbers.items() if number is not None}
