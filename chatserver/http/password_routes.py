"""Marks routes whose requests hash a password, which takes a core for a good part of a second."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from chatserver.http.url_patterns import marked_routes

View = TypeVar("View", bound=Callable[..., Any])

# How the names of the threads begin that these requests have for themselves.
SIGN_IN_THREAD = "sign_in"


def hashes_passwords(view: View) -> View:
    """Marks a method that answers."""
    view.hashes_passwords = True  # type: ignore[attr-defined]  # read by password_routes()
    return view


def password_routes() -> dict[str, re.Pattern[str]]:
    """The paths of all marked routes, as one pattern for each HTTP method."""
    return marked_routes("hashes_passwords")
