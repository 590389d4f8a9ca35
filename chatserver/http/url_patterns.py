"""All routes of Django, with what answers them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")


def handlers() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """(method, path, handler) of each route of a class of views, such as POST, /chats/?, ChatViewSet.create."""
    for path, pattern in _patterns(get_resolver(), "/"):
        callback: Any = pattern.callback
        view = getattr(callback, "cls", None)
        # Of a view set the route says which action answers, of another class the names of its methods.
        actions = getattr(callback, "actions", None) or {method: method for method in METHODS}
        for method, action in actions.items():
            if handler := getattr(view, action, None):
                # Without the names of groups, which may not repeat in one pattern.
                yield method.upper(), re.sub(r"\?P<\w+>", "?:", path), handler


def marked_routes(mark: str) -> dict[str, re.Pattern[str]]:
    """The paths of all routes whose handler has this attribute, as one pattern for each HTTP method."""
    paths: dict[str, list[str]] = {}
    for method, path, handler in handlers():
        if hasattr(handler, mark):
            paths.setdefault(method, []).append(path)
    return {method: re.compile("|".join(of_method)) for method, of_method in paths.items()}


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    """Every route below a resolver, with its whole path as a regular expression."""
    for pattern in resolver.url_patterns:
        path = prefix + pattern.pattern.regex.pattern.removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, path)
        else:
            yield path, pattern
