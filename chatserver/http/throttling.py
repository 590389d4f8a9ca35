"""Rate limits: so many of something for a caller, a room or an address. Shown in headers, refused with 429.

Each is a token bucket that all processes share (see token_buckets.py and leases.py).
"""

import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chatserver.config.rates import Rate
from chatserver.errors import Throttled
from chatserver.http.caller import caller_of
from chatserver.http.leases import Leases, Spent
from chatserver.http.token_buckets import BucketSize, buckets

# Limits of at least so many a second give leases.
LEASED_PER_SECOND = 10
# So many writes or reads may come at once, after a pause.
BURST_OF_WRITES = 100
BURST_OF_READS = 1_000
# Service accounts with their keys do as much as so many people, and all of it may come at once.
KEY_FACTOR = 10


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


class Throttle:
    """A limit. With `burst`, no more than so many may come at once (or those of a second, if that is more)."""

    def __init__(self, name: str, rate: Rate | None, *, burst: int | None = None) -> None:
        self._limit = 0 if rate is None else rate.limit
        self._size: BucketSize | None = None
        self._leases: Leases | None = None
        if rate is not None:
            capacity = rate.limit if burst is None else min(rate.limit, max(burst, rate.limit // rate.seconds))
            self._size = BucketSize(name, rate.interval, capacity)
            if rate.limit >= LEASED_PER_SECOND * rate.seconds:
                self._leases = Leases(self._size)

    def spend(self, request: HttpRequest | None, who: object, amount: int = 1) -> None:
        """Count an amount for `who`, and note on the request, if given, what is left.

        Throttled when less than that is left; then nothing is counted.
        """
        if self._size is None or amount == 0:
            return
        if amount == 1 and self._leases is not None:
            spent = self._leases.spend_one(who)
        else:
            grant = buckets.take(self._size.demand(who, amount))
            spent = Spent(grant.given > 0, grant.full_in, 0)
        if spent.is_allowed and request is None:
            return
        left = max(0, self._size.left(spent.full_in)) + spent.tokens
        allowance = Allowance(self._limit, left, max(1, math.ceil(spent.full_in)))
        if request is not None:
            request.allowance = allowance  # type: ignore[attr-defined]  # ours
        if not spent.is_allowed:
            wait = spent.full_in - (self._size.capacity - amount) * self._size.interval
            raise Throttled(max(1, math.ceil(wait)), allowance.headers)

    def give_back(self, who: object) -> None:
        """Give back one that was spent and not used."""
        if self._size is not None and not (self._leases and self._leases.give_back(who)):
            buckets.take(self._size.demand(who, -1))


def show_allowance(request: HttpRequest, response: HttpResponse) -> None:
    """Write the allowance that a throttle noted, if one did, into the headers. A refusal has its own."""
    allowance: Allowance | None = getattr(request, "allowance", None)
    if allowance is not None and "X-RateLimit-Limit" not in response:
        for name, value in allowance.headers.items():
            response[name] = value


class RequestThrottle(BaseThrottle):
    """Counts each write and each read of an authenticated user. Throttled (429) when none is left.

    With a service key those of the account are counted, of which there may be more; and who acts for a person
    counts for that person, too.
    """

    writes = Throttle("writes", settings.CHAT_THROTTLE_WRITES, burst=BURST_OF_WRITES)
    reads = Throttle("reads", settings.CHAT_THROTTLE_READS, burst=BURST_OF_READS)

    key_writes = Throttle(
        "key-writes", settings.CHAT_THROTTLE_WRITES and settings.CHAT_THROTTLE_WRITES.times(KEY_FACTOR)
    )
    key_reads = Throttle("key-reads", settings.CHAT_THROTTLE_READS and settings.CHAT_THROTTLE_READS.times(KEY_FACTOR))

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated:
            is_read = request.method in SAFE_METHODS
            caller = caller_of(request)
            if caller is not None and caller.service_id is not None:
                (self.key_reads if is_read else self.key_writes).spend(request._request, caller.service_id)
                if not caller.is_acting:
                    return True
            (self.reads if is_read else self.writes).spend(request._request, request.user.pk)
        return True
