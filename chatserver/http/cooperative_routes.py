"""Marks routes whose requests run side by side in one thread (see concurrency/cooperative.py)."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from chatserver.http.url_patterns import marked_routes

View = TypeVar("View", bound=Callable[..., Any])


def runs_cooperatively(view: View) -> View:
    """Marks an action of a view set: it is short, and waits for the database a few milliseconds at most."""
    view.runs_cooperatively = True  # type: ignore[attr-defined]  # read by cooperative_routes()
    return view


def cooperative_routes() -> dict[str, re.Pattern[str]]:
    """The paths of all marked routes, as one pattern for each HTTP method."""
    return marked_routes("runs_cooperatively")
