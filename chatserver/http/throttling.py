"""Rate limits: so many of something for a caller, a room or an address. Shown in headers, refused with 429.

Each is a token bucket that all processes share (see token_buckets.py). Limits of many a second are not asked of Redis
each time: a process takes several tokens at once from the bucket of a caller who comes again soon, as a lease, and
spends them itself. The first one in a while is not asked for at all, but paid together with the next: most callers
send one request in a second, and cost no round trip that way. The price is that beyond such a limit a process lets one
more through for each caller and second, at most.
"""

import math
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chatserver.config.rates import Rate
from chatserver.errors import Throttled
from chatserver.http.token_buckets import ROUNDING, Demand, buckets

# Limits of at least so many a second give leases. What a lease has left when it ends is lost, so it has no more tokens
# than come back in half of its time.
LEASED_PER_SECOND = 10
TOKEN_LEASE_SECONDS = 1.0
MAX_LEASES = 50_000
# So many writes or reads may come at once, after a pause.
BURST_OF_WRITES = 100
BURST_OF_READS = 1_000


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit: how many may come at once now, and in how many seconds all of them may again."""

    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class _Lease:
    """Tokens that this process may spend, one that it has spent without asking, and when the bucket will be full."""

    __slots__ = ("ends_at", "full_at", "owed", "tokens")

    def __init__(self, now: float) -> None:
        self.tokens, self.owed = 0, 1
        self.ends_at = now + TOKEN_LEASE_SECONDS
        self.full_at = now


class Throttle:
    """A limit. With `burst`, no more than so many may come at once (or those of a second, if that is more)."""

    def __init__(self, name: str, rate: Rate | None, *, burst: int | None = None) -> None:
        self._name = name
        self._rate = rate
        self._burst = burst
        self._leases: dict[object, _Lease] = {}
        self._guard = threading.Lock()

    def spend(self, request: HttpRequest | None, who: object, amount: int = 1) -> None:
        """Count an amount for `who`, and note on the request, if given, what is left.

        Throttled when less than that is left; then nothing is counted.
        """
        rate = self._rate
        if rate is None or amount == 0:
            return
        if amount == 1 and self._is_leased(rate):
            is_allowed, full_in, tokens = self._spend_leased(rate, who)
        else:
            grant = buckets.take(self._demand(rate, who, amount))
            is_allowed, full_in, tokens = grant.given > 0, grant.full_in, 0
        if is_allowed and request is None:
            return
        left = max(0, self._left(rate, full_in)) + tokens
        allowance = Allowance(rate.limit, left, max(1, math.ceil(full_in)))
        if request is not None:
            request.allowance = allowance  # type: ignore[attr-defined]  # ours
        if not is_allowed:
            wait = full_in - (self._capacity(rate) - amount) * rate.interval
            raise Throttled(max(1, math.ceil(wait)), allowance.headers)

    def give_back(self, who: object) -> None:
        """Give back one that was spent and not used."""
        if self._rate is None:
            return
        with self._guard:
            lease = self._leases.get(who)
            if lease is not None:
                lease.tokens += 1
                return
        buckets.take(self._demand(self._rate, who, -1))

    def _spend_leased(self, rate: Rate, who: object) -> tuple[bool, float, int]:
        """Whether one may be spent, in how many seconds the bucket will be full, and how many the lease has left."""
        now = time.monotonic()
        with self._guard:
            lease = self._leases.get(who)
            if lease is None or now >= max(lease.ends_at, lease.full_at):
                lease = self._begin_lease(who, now)
                return True, rate.interval, 0
            if now >= lease.ends_at:
                lease.tokens = lease.owed = 0
            if lease.tokens > 0:
                lease.tokens -= 1
                return True, lease.full_at - now, lease.tokens
            if self._left(rate, lease.full_at - now) < 1:
                return False, lease.full_at - now, 0
            amount, lease.owed = 1 + lease.owed, 0
        extra = int(TOKEN_LEASE_SECONDS / rate.interval / 2)
        grant = buckets.take(self._demand(rate, who, amount, extra))
        now = time.monotonic()
        with self._guard:
            lease.tokens += max(0, grant.given - amount)
            lease.ends_at, lease.full_at = now + TOKEN_LEASE_SECONDS, now + grant.full_in
            return grant.given > 0, grant.full_in, lease.tokens

    def _begin_lease(self, who: object, now: float) -> _Lease:
        if len(self._leases) >= MAX_LEASES:
            self._leases.clear()
        lease = self._leases[who] = _Lease(now)
        return lease

    def _demand(self, rate: Rate, who: object, amount: int, extra: int = 0) -> Demand:
        return Demand(f"{self._name}:{who}", rate.interval, self._capacity(rate), amount, extra)

    def _capacity(self, rate: Rate) -> int:
        return rate.limit if self._burst is None else min(rate.limit, max(self._burst, rate.limit // rate.seconds))

    def _left(self, rate: Rate, full_in: float) -> int:
        return math.floor(self._capacity(rate) - full_in / rate.interval + ROUNDING)

    def _is_leased(self, rate: Rate) -> bool:
        return rate.limit >= LEASED_PER_SECOND * rate.seconds


def show_allowance(request: HttpRequest, response: HttpResponse) -> None:
    """Write the allowance that a throttle noted, if one did, into the headers. A refusal has its own."""
    allowance: Allowance | None = getattr(request, "allowance", None)
    if allowance is not None and "X-RateLimit-Limit" not in response:
        for name, value in allowance.headers.items():
            response[name] = value


class RequestThrottle(BaseThrottle):
    """Counts each write and each read of an authenticated user. Throttled (429) when none is left."""

    writes = Throttle("writes", settings.CHAT_THROTTLE_WRITES, burst=BURST_OF_WRITES)
    reads = Throttle("reads", settings.CHAT_THROTTLE_READS, burst=BURST_OF_READS)

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated:
            throttle = self.reads if request.method in SAFE_METHODS else self.writes
            throttle.spend(request._request, request.user.pk)
        return True
