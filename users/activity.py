"""Who of those online is away: none of their clients has reported activity for a while. Kept in Redis, as presence is.

A sorted set holds for each person the second at which their activity ends, or 0 once it was found that it has. Who is
not in it has no client that reports, and is never away. Only people who are online are in it.
"""

import time
from collections.abc import Sequence
from typing import cast

from chatserver.storage.redis_client import redis_client, redis_key
from users import presence

ACTIVITY_KEY = redis_key("activity")
# Clients report at most every 2 minutes while they are used, so that who does nothing for 5 is away within 2 more.
ACTIVE_SECONDS = 7 * 60

# Returns 1 for who was away.
REPORT = """
local ended = redis.call('ZSCORE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
return (ended and tonumber(ended) <= tonumber(ARGV[1])) and 1 or 0
"""
# Find those whose activity has ended, each once. What ends too far ahead is from a clock that was set back since.
FIND_IDLE = """
local ahead = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[3], '+inf', 'LIMIT', 0, ARGV[2])
for _, user in ipairs(ahead) do redis.call('ZADD', KEYS[1], ARGV[4], user) end
local idle = redis.call('ZRANGEBYSCORE', KEYS[1], '(0', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, user in ipairs(idle) do redis.call('ZADD', KEYS[1], 0, user) end
return idle
"""


def report(user_id: int) -> bool:
    """Note that a person does something now. Returns whether they were away. Raises RedisAway."""
    if not presence.online_among([user_id]):
        return False
    now = time.time()
    arguments = (f"{now:.3f}", f"{now + ACTIVE_SECONDS:.3f}", user_id)
    return bool(redis_client().eval(REPORT, 1, ACTIVITY_KEY, *arguments))


def report_idle(user_id: int) -> None:
    """Note that a person does nothing with a client that reports, unless another one says that they do. RedisAway."""
    if presence.online_among([user_id]):
        redis_client().zadd(ACTIVITY_KEY, {str(user_id): f"{time.time():.3f}"}, nx=True)


def find_idle() -> list[int]:
    """Those whose activity has ended since; each is returned to one process only. Raises RedisAway."""
    now = time.time()
    until = now + ACTIVE_SECONDS
    arguments = (f"{now:.3f}", presence.SWEEP_BATCH, f"{until + presence.SKEW_SECONDS:.3f}", f"{until:.3f}")
    return [int(user_id) for user_id in redis_client().eval(FIND_IDLE, 1, ACTIVITY_KEY, *arguments)]


def forget_activity(user_ids: Sequence[int]) -> None:
    """Forget people who went offline. Raises RedisAway."""
    if user_ids:
        redis_client().zrem(ACTIVITY_KEY, *user_ids)


def away_among(user_ids: Sequence[int]) -> set[int]:
    """Those of these people, all online, who are away. Raises RedisAway."""
    if not user_ids:
        return set()
    now = time.time()
    ends = cast(list[float | None], redis_client().zmscore(ACTIVITY_KEY, list(map(str, user_ids))))
    return {user_id for user_id, end in zip(user_ids, ends, strict=True) if end is not None and end <= now}
