"""Tokens that a process takes several at once from the buckets that all processes share, and spends itself.

A limit of many a second is not asked of Redis each time. A caller who comes again soon gets a lease: tokens for a
second, with what else is in the bucket. The first one in a while is not asked for at all, but owed, and paid together
with the next: most callers send one request in a second, and cost no round trip that way. The price is that beyond such
a limit a process lets one more through for each caller and second, at most.
"""

import threading
import time
from typing import NamedTuple

from chatserver.http.token_buckets import BucketSize, buckets

TOKEN_LEASE_SECONDS = 1.0
# What a lease has left when it ends is lost, so it has no more tokens than come back in this share of its time.
LEASED_SHARE = 0.5
MAX_LEASES = 50_000


class Spent(NamedTuple):
    """Whether a token could be spent, in how many seconds the bucket will be full, and what the lease has left."""

    is_allowed: bool
    full_in: float
    tokens: int


class _Lease:
    """Tokens that this process may spend, those that it has spent without asking, and when the bucket will be full."""

    __slots__ = ("ends_at", "full_at", "owed", "tokens")

    def __init__(self, now: float) -> None:
        self.tokens, self.owed = 0, 1
        self.ends_at = now + TOKEN_LEASE_SECONDS
        self.full_at = now


class Leases:
    """The leases on the buckets of one limit."""

    def __init__(self, size: BucketSize) -> None:
        self._size = size
        self._extra = int(TOKEN_LEASE_SECONDS * LEASED_SHARE / size.interval)
        self._leases: dict[object, _Lease] = {}
        self._guard = threading.Lock()

    def spend_one(self, who: object) -> Spent:
        """Spend one token of this caller, room or address."""
        now = time.monotonic()
        with self._guard:
            lease = self._leases.get(who)
            if lease is None or now >= max(lease.ends_at, lease.full_at):
                self._begin(who, now)
                return Spent(True, self._size.interval, 0)
            if now >= lease.ends_at:
                lease.tokens = lease.owed = 0
            if lease.tokens > 0:
                lease.tokens -= 1
                return Spent(True, lease.full_at - now, lease.tokens)
            if self._size.left(lease.full_at - now) < 1:
                return Spent(False, lease.full_at - now, 0)
            amount, lease.owed = 1 + lease.owed, 0
        return self._take(lease, who, amount)

    def give_back(self, who: object) -> bool:
        """Give back one that was spent and not used. False where there is no lease to give it to."""
        with self._guard:
            lease = self._leases.get(who)
            if lease is not None:
                lease.tokens += 1
            return lease is not None

    def _take(self, lease: _Lease, who: object, amount: int) -> Spent:
        grant = buckets.take(self._size.demand(who, amount, self._extra))
        now = time.monotonic()
        with self._guard:
            lease.tokens += max(0, grant.given - amount)
            lease.ends_at, lease.full_at = now + TOKEN_LEASE_SECONDS, now + grant.full_in
            return Spent(grant.given > 0, grant.full_in, lease.tokens)

    def _begin(self, who: object, now: float) -> None:
        if len(self._leases) >= MAX_LEASES:
            self._leases.clear()
        self._leases[who] = _Lease(now)
