"""The route of a request as metrics show it: /api/v1/rooms/{room_id}/messages/. One of few texts, never a path."""

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from chatserver.http.asgi_types import Scope

UNKNOWN_ROUTE = "unknown"
STATIC_ROUTE = "static"
NAMED_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def route_of(request: HttpRequest) -> str:
    """The label of a request that was answered."""
    if request.resolver_match is not None:
        return route_label(request.resolver_match.route)
    return STATIC_ROUTE if request.path.startswith(settings.STATIC_URL) else UNKNOWN_ROUTE


def fixed_route(scope: Scope) -> str:
    """The label of a request that is routed before Django, by a path without parameters."""
    return f"{scope['path'].rstrip('/')}/"


@lru_cache(maxsize=1_000)
def route_label(route: str) -> str:
    """A route of Django's, with the names of its parameters, and without what regular expressions need."""
    named = CONVERTER.sub(r"{\1}", NAMED_GROUP.sub(r"{\1}", route))
    plain = re.sub(r"[\^$?\\]", "", named.replace("(/|$)", "/"))
    return f"/{plain.lstrip('/')}"
