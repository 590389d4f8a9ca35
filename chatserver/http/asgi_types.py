"""The three things that an ASGI application is called with, see https://asgi.readthedocs.io/en/latest/specs/www.html"""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
