"""Marks routes whose requests run side by side in one thread (see concurrency/cooperative.py)."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.urls import URLPattern, URLResolver, get_resolver

View = TypeVar("View", bound=Callable[..., Any])


def runs_cooperatively(view: View) -> View:
    """Marks an action of a view set: it is short, and waits for the database a few milliseconds at most."""
    view.runs_cooperatively = True  # type: ignore[attr-defined]  # read by cooperative_routes()
    return view


def cooperative_routes() -> dict[str, re.Pattern[str]]:
    """The paths of all marked routes, as one pattern for each HTTP method."""
    paths: dict[str, list[str]] = {}
    for path, pattern in _patterns(get_resolver(), "/"):
        view_set = getattr(pattern.callback, "cls", None)
        for method, action in (getattr(pattern.callback, "actions", None) or {}).items():
            if hasattr(getattr(view_set, action), "runs_cooperatively"):
                # Without the names of groups, which may not repeat in one pattern.
                paths.setdefault(method.upper(), []).append(re.sub(r"\?P<\w+>", "?:", path))
    return {method: re.compile("|".join(of_method)) for method, of_method in paths.items()}


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    """Every route below a resolver, with its whole path as a regular expression."""
    for pattern in resolver.url_patterns:
        path = prefix + pattern.pattern.regex.pattern.removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, path)
        else:
            yield path, pattern
