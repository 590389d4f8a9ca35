"""Who is online: users with an open stream in any process. Kept in Redis, so it may be lost.

A sorted set holds a lease for each user: the user id, scored with the second at which it ends. Processes renew the
leases of the users whose streams they hold. When a stream closes nothing happens: the lease ends 30 to 50 s later, so a
reload of the page is not announced, and users of a process that crashed go offline within 60 s.

A second sorted set for each user holds their open streams by age, for the limit on these.
"""

import time
from collections.abc import Iterable, Sequence
from typing import cast

from chatserver.storage.redis_client import redis_client, redis_key

KEY = redis_key("presence")
RENEW_SECONDS = 20
GRACE_SECONDS = 30
LEASE_SECONDS = RENEW_SECONDS + GRACE_SECONDS
SWEEP_SECONDS = 3
# How far the clocks of two machines may differ before leases of the one ahead are shortened.
SKEW_SECONDS = 10
MAX_STREAMS_PER_USER = 10
# Arrivals and departures are told in rooms of up to so many people. In larger ones it would be a flood.
LARGEST_PRESENCE_ROOM = 200
SWEEP_BATCH = 500
RENEW_BATCH = 1_000
# A user's set of open streams expires after this; processes renew it every KEEP_SECONDS.
STREAMS_SECONDS = 900
KEEP_SECONDS = 300

# Remove leases that ended, atomically: of all processes that sweep, one announces them. A lease that ends too far ahead
# is from a clock that was set back since; it is shortened, and then ends or is renewed like the others.
SWEEP = """
local ahead = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[3], '+inf', 'LIMIT', 0, ARGV[2])
for _, user in ipairs(ahead) do redis.call('ZADD', KEYS[1], ARGV[4], user) end
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end
return gone
"""
# Renew leases; returns the users who had none.
RENEW = """
local back = {}
for i = 2, #ARGV do
  if redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[i]) == 1 then back[#back + 1] = ARGV[i] end
end
return back
"""
# Add a stream, and remove the user's oldest beyond the limit, atomically: one process closes these. The stream that was
# added last counts as the newest, whatever the clock says.
OPEN = """
local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local at = tonumber(ARGV[1])
if newest[2] and tonumber(newest[2]) >= at then at = tonumber(newest[2]) + 0.001 end
redis.call('ZADD', KEYS[1], string.format('%.3f', at), ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
local extra = redis.call('ZCARD', KEYS[1]) - ARGV[3]
local evicted = {}
if extra > 0 then
  evicted = redis.call('ZRANGE', KEYS[1], 0, extra - 1)
  redis.call('ZREM', KEYS[1], unpack(evicted))
end
return evicted
"""


def open_streams(opened: Sequence[tuple[int, str]]) -> tuple[list[int], list[str]]:
    """Add (user id, stream id) pairs. Returns the users who came online, and the streams to close. Raises RedisAway."""
    now = time.time()
    with redis_client().pipeline(transaction=False) as pipeline:
        for user_id, stream_id in opened:
            # Two calls, since in a cluster the two keys may be on different nodes.
            pipeline.zadd(KEY, {str(user_id): now + LEASE_SECONDS}, gt=True)
            arguments = (f"{now:.3f}", stream_id, MAX_STREAMS_PER_USER, STREAMS_SECONDS)
            pipeline.eval(OPEN, 1, _streams_key(user_id), *arguments)
        answers = pipeline.execute()
    is_new, evicted = answers[::2], answers[1::2]
    came = [user_id for (user_id, _), was_added in zip(opened, is_new, strict=True) if was_added]
    return came, [stream_id for stream_ids in evicted for stream_id in stream_ids]


def close_streams(closed: Sequence[tuple[int, str]]) -> None:
    """Remove streams. The leases stay until they end. Raises RedisAway."""
    with redis_client().pipeline(transaction=False) as pipeline:
        for user_id, stream_id in closed:
            pipeline.zrem(_streams_key(user_id), stream_id)
        pipeline.execute()


def renew(user_ids: Sequence[int]) -> list[int]:
    """Renew leases. Returns the users who came online by it (Redis had lost theirs). Raises RedisAway."""
    until = f"{time.time() + LEASE_SECONDS:.3f}"
    back: list[str] = []
    for start in range(0, len(user_ids), RENEW_BATCH):
        back += redis_client().eval(RENEW, 1, KEY, until, *user_ids[start : start + RENEW_BATCH])
    return [int(user_id) for user_id in back]


def keep_streams(user_ids: Iterable[int]) -> None:
    """Renew the sets of these users' open streams. Raises RedisAway."""
    with redis_client().pipeline(transaction=False) as pipeline:
        for user_id in user_ids:
            pipeline.expire(_streams_key(user_id), STREAMS_SECONDS)
        pipeline.execute()


def sweep() -> list[int]:
    """Remove and return the users whose lease ended; each is returned to one process only. Raises RedisAway."""
    now = time.time()
    until = now + LEASE_SECONDS
    arguments = (f"{now:.3f}", SWEEP_BATCH, f"{until + SKEW_SECONDS:.3f}", f"{until:.3f}")
    gone = cast(list[str], redis_client().eval(SWEEP, 1, KEY, *arguments))
    return [int(user_id) for user_id in gone]


def online_ids() -> set[int]:
    """All users who are online. Raises RedisAway."""
    leased = cast(list[str], redis_client().zrangebyscore(KEY, f"({time.time():.3f}", "+inf"))
    return set(map(int, leased))


def online_among(user_ids: Sequence[int]) -> set[int]:
    """Those of these users who are online. Raises RedisAway."""
    if not user_ids:
        return set()
    now = time.time()
    ends = cast(list[float | None], redis_client().zmscore(KEY, list(map(str, user_ids))))
    return {user_id for user_id, end in zip(user_ids, ends, strict=True) if end is not None and end > now}


def _streams_key(user_id: int) -> str:
    return redis_key("streams", user_id)
