"""Token buckets: in Redis for all processes together, and in this process while Redis is away.

A bucket holds up to `capacity` tokens and gets one back in each `interval`. All that is stored of it is the time at
which it will be full again (the generic cell rate algorithm), under a key that expires then. Redis's clock decides, so
that servers need not agree about the time.
"""

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from chatserver.concurrency.batching import ThreadBatcher
from chatserver.storage.outages import redis_outage
from chatserver.storage.redis_client import RedisAway, redis_client, redis_key

# A bucket that is nearly empty gives few tokens more than are needed: one in so many of those that are left.
EXTRA_SHARE = 10
# After an error Redis is not asked for so long: it may answer none, and each request would wait for its time-out.
REDIS_PAUSE_SECONDS = 5.0
MAX_LOCAL_BUCKETS = 50_000
# Tokens are counted by dividing times: this much less than a token is one.
ROUNDING = 0.001
MAX_DEMANDS_TOGETHER = 100

# KEYS: the buckets. ARGV: for each of them its interval, capacity, amount and extra. Returns for each how many tokens
# it gave, and in how many seconds it will be full. Redis before 7 wants to be told that a script reads the clock.
TAKE = """
if redis.replicate_commands then redis.replicate_commands() end
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local answers = {}
for i, key in ipairs(KEYS) do
    local interval, capacity = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2])
    local amount, extra = tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
    local full_in = math.max(0, tonumber(redis.call('GET', key) or now) - now)
    local left = math.floor(capacity - full_in / interval + ROUNDING)
    local given = 0
    if left >= amount then
        given = amount + math.max(0, math.min(extra, math.floor((left - amount) / SHARE)))
        full_in = math.max(0, full_in + given * interval)
        redis.call('SET', key, string.format('%.6f', now + full_in), 'PX', math.ceil(full_in * 1000) + 1)
    end
    answers[i] = {given, string.format('%.6f', full_in)}
end
return answers
""".replace("SHARE", str(EXTRA_SHARE)).replace("ROUNDING", str(ROUNDING))


class Demand(NamedTuple):
    """What is asked of a bucket: an amount, whole or not at all (a negative one gives back), and some more."""

    bucket: str
    interval: float
    capacity: int
    amount: int
    extra: int


class BucketSize(NamedTuple):
    """What the buckets of one limit have in common: the limit's name, the seconds for a token, and the capacity."""

    name: str
    interval: float
    capacity: int

    def demand(self, who: object, amount: int, extra: int = 0) -> Demand:
        """A demand on the bucket of a caller, a room or an address."""
        return Demand(f"{self.name}:{who}", self.interval, self.capacity, amount, extra)

    def left(self, full_in: float) -> int:
        """How many tokens a bucket has that will be full in so many seconds."""
        return math.floor(self.capacity - full_in / self.interval + ROUNDING)


class Grant(NamedTuple):
    """How many tokens a bucket gave, 0 where it has too few; and in how many seconds it will be full."""

    given: int
    full_in: float


class TokenBuckets:
    """All buckets, as one process sees them."""

    def __init__(self) -> None:
        self._full_at: dict[str, float] = {}
        self._asks_redis_from = 0.0
        self._batcher = ThreadBatcher(self._take_all, MAX_DEMANDS_TOGETHER)

    def take(self, demand: Demand) -> Grant:
        """Take tokens. Demands that come at the same time share a round trip."""
        # A cooperative job can't yield inside a transaction.
        return self._take_all([demand])[0] if connection.in_atomic_block else self._batcher.call(demand)

    def _take_all(self, demands: Sequence[Demand]) -> list[Grant]:
        # The extra is for the whole batch: the last demand of a bucket takes it, when the others have theirs.
        last = {demand.bucket: place for place, demand in enumerate(demands)}
        demands = [
            demand if last[demand.bucket] == place else demand._replace(extra=0) for place, demand in enumerate(demands)
        ]
        if time.monotonic() >= self._asks_redis_from:
            try:
                return _take_in_redis(demands)
            except RedisAway as error:
                redis_outage.note(error, by="limits")
                self._asks_redis_from = time.monotonic() + REDIS_PAUSE_SECONDS
        return [self._take_here(demand) for demand in demands]

    def _take_here(self, demand: Demand) -> Grant:
        """What TAKE does, in this process."""
        now = time.monotonic()
        full_in = max(0.0, self._full_at.get(demand.bucket, now) - now)
        left = int(demand.capacity - full_in / demand.interval + ROUNDING)
        if left < demand.amount:
            return Grant(0, full_in)
        given = demand.amount + max(0, min(demand.extra, (left - demand.amount) // EXTRA_SHARE))
        full_in = max(0.0, full_in + given * demand.interval)
        if len(self._full_at) >= MAX_LOCAL_BUCKETS:
            self._full_at.clear()  # a flood of names fills all buckets: better than to grow
        self._full_at[demand.bucket] = now + full_in
        return Grant(given, full_in)


def _take_in_redis(demands: Sequence[Demand]) -> list[Grant]:
    # The braces keep all buckets on one node of a cluster.
    keys = [redis_key("{throttle}", demand.bucket) for demand in demands]
    numbers = [number for demand in demands for number in demand[1:]]
    answers = redis_client().eval(TAKE, len(keys), *keys, *numbers)
    return [Grant(int(given), float(full_in)) for given, full_in in answers]


buckets = TokenBuckets()
