"""What an ASGI application is called with, see https://asgi.readthedocs.io/en/latest/specs/www.html"""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, wanted: bytes, glue: str = ",") -> str | None:
    """A request header by its name in lower case. Several values are joined, as WSGI servers do."""
    found = [value for name, value in scope["headers"] if name == wanted]
    return glue.join(value.decode("latin-1") for value in found) if found else None
