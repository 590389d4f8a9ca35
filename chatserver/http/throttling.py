"""Rate limits: so many requests of a caller per window of time. Told in the X-RateLimit headers, refused with 429.

Attempts to log in and to register are counted in Redis, for all processes together; while Redis is away each process
counts for itself. Writes are counted in the process alone: a round trip for each would cost more than it protects, so
with N processes the limit is up to N times as high.
"""

import math
import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chatserver.errors import Throttled
from chatserver.storage.redis_client import RedisAway, redis_client, redis_key

PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
MAX_COUNTERS = 50_000


@dataclass(frozen=True)
class Rate:
    limit: int
    seconds: int

    @classmethod
    def parse(cls, text: str, name: str) -> "Rate":
        """Parse `20/minute`. ImproperlyConfigured names the setting."""
        match = re.fullmatch(r"([1-9][0-9]*)/(second|minute|hour|day)", text)
        if match is None:
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be like 20/minute (or /second, /hour, /day)")
        return cls(int(match[1]), PERIODS[match[2]])


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit in the current window. `reset` is in seconds from now."""

    limit: int
    remaining: int
    reset: int


class Throttle:
    """Counts in fixed windows. `is_shared` counts in Redis."""

    def __init__(self, name: str, rate: Rate, *, is_shared: bool) -> None:
        self._name = name
        self._rate = rate
        self._is_shared = is_shared
        self._counts: dict[tuple[str, int], int] = {}
        self._guard = threading.Lock()

    def spend(self, request: HttpRequest | None, who: str) -> None:
        """Count one for `who`, and note on the request, if given, what is left. Throttled when nothing is left."""
        now = time.time()
        window = int(now // self._rate.seconds)
        used = self._count(who, window)
        reset = math.ceil((window + 1) * self._rate.seconds - now)
        if request is not None:
            request.allowance = Allowance(self._rate.limit, max(0, self._rate.limit - used), reset)  # type: ignore[attr-defined]  # ours
        if used > self._rate.limit:
            raise Throttled(reset)

    def _count(self, who: str, window: int) -> int:
        if self._is_shared:
            try:
                key = redis_key("throttle", self._name, window, who)
                with redis_client().pipeline(transaction=False) as pipeline:
                    pipeline.incr(key)
                    pipeline.expire(key, self._rate.seconds)
                    return int(pipeline.execute()[0])
            except RedisAway:
                pass  # this process counts for itself until Redis is back
        with self._guard:
            if len(self._counts) >= MAX_COUNTERS:
                self._counts.clear()  # a flood of names gives all callers their limit back: better than to grow
            used = self._counts[who, window] = self._counts.get((who, window), 0) + 1
            return used


def show_allowance(request: HttpRequest, response: HttpResponse) -> None:
    """Write the allowance that a throttle noted, if one did, into the headers."""
    allowance: Allowance | None = getattr(request, "allowance", None)
    if allowance is not None:
        response["X-RateLimit-Limit"] = str(allowance.limit)
        response["X-RateLimit-Remaining"] = str(allowance.remaining)
        response["X-RateLimit-Reset"] = str(allowance.reset)


class WriteThrottle(BaseThrottle):
    """Counts each write of an authenticated user. Throttled (429) when none is left in the window."""

    throttle = Throttle("writes", Rate.parse(settings.CHAT_THROTTLE_WRITES, "CHAT_THROTTLE_WRITES"), is_shared=False)

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method not in SAFE_METHODS and request.user.is_authenticated:
            self.throttle.spend(request._request, str(request.user.pk))
        return True
