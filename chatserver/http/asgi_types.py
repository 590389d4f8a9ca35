"""The three things that an ASGI application is called with, see https://asgi.readthedocs.io/en/latest/specs/www.html"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class ShortKind(NamedTuple):
    """A kind of requests that are short and wait for next to nothing of their own.

    `is_one` tells by its scope and body whether a request is of it; `rest_share` is for their Crew.
    """

    is_one: Callable[[Scope, bytes], bool]
    rest_share: float
