"""How large the body of a request may be: by route, so that nobody has us read or parse more than a valid one."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from chatserver.http.url_patterns import handlers

View = TypeVar("View", bound=Callable[..., Any])

# Bodies of routes that say nothing of themselves.
DEFAULT_BODY_BYTES = 16 * 1024
# Of pages of the admin, whose forms list what was selected.
ADMIN_BODY_BYTES = 64 * 1024
ADMIN_PATH = "/admin/"
# Of one code point where JSON escapes everything, as two surrogates: \\ud83d\\ude00. A form's %F0%9F%98%80 is as long.
ESCAPED_BYTES = 12
# For the names of fields and for spaces.
SLACK_BYTES = 1024


def accepts_texts(characters: int) -> Callable[[View], View]:
    """Marks a method that answers: its body has texts of so many code points in all."""

    return accepts_bytes(characters * ESCAPED_BYTES + SLACK_BYTES)


def accepts_bytes(most: int) -> Callable[[View], View]:
    """The same by the whole body."""

    def mark(view: View) -> View:
        view.max_body_bytes = most  # type: ignore[attr-defined]  # for BodyLimits
        return view

    return mark


class BodyLimits:
    """The limits of all routes."""

    def __init__(self) -> None:
        self._limits = [
            (method, re.compile(path), handler.max_body_bytes)
            for method, path, handler in handlers()
            if hasattr(handler, "max_body_bytes")
        ]

    def of(self, method: str, path: str) -> int:
        """How many bytes the body of this request may have."""
        for its_method, its_path, limit in self._limits:
            if its_method == method and its_path.fullmatch(path):
                return limit
        return ADMIN_BODY_BYTES if path.startswith(ADMIN_PATH) else DEFAULT_BODY_BYTES
