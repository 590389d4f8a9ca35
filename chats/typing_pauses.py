"""How often it is announced that somebody types. Clients say so with each key, and everybody in the room hears it.

A key in Redis for each person, room and thread, which lives as long as clients show the person as typing. It has
when the person last wrote in the room: a message ends what is shown, and so the pause. Posting itself asks Redis
nothing.
"""

from datetime import datetime

from chatserver.storage.redis_client import RedisAway, redis_client, redis_key

# Nothing is announced again before.
TYPING_SECONDS = 3
# How long clients show somebody as typing. Longer than two pauses, so that a late announcement leaves no gap.
TYPING_SHOWN_SECONDS = 7

# 0 if it was announced less than a pause ago, also where it has been ended since, and the person has not written since.
START = """
local known = redis.call('GET', KEYS[1])
local has_written = known and string.sub(known, 7) ~= ARGV[3]
if not has_written and redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1]) - tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], 'shown ' .. ARGV[3], 'PX', ARGV[1])
return 1
"""
# 0 if it is not shown.
STOP = """
local known = redis.call('GET', KEYS[1])
if not known or string.sub(known, 1, 6) ~= 'shown ' then return 0 end
redis.call('SET', KEYS[1], 'ended ' .. string.sub(known, 7), 'PX', math.max(1, redis.call('PTTL', KEYS[1])))
return 1
"""


def may_announce(user_id: int, room_id: int, root_id: int | None, *, last_wrote_at: datetime | None) -> bool:
    """Whether this was not announced in the last TYPING_SECONDS, by any process, or the person has written since.

    True while Redis is away.
    """
    wrote = "" if last_wrote_at is None else last_wrote_at.isoformat()
    return _ask(START, user_id, room_id, root_id, TYPING_SHOWN_SECONDS * 1000, TYPING_SECONDS * 1000, wrote)


def may_end(user_id: int, room_id: int, root_id: int | None) -> bool:
    """Whether clients show it, and nobody told them that it ended. True while Redis is away."""
    return _ask(STOP, user_id, room_id, root_id)


def _ask(script: str, user_id: int, room_id: int, root_id: int | None, *arguments: int | str) -> bool:
    key = redis_key("typing", room_id, root_id or 0, user_id)
    try:
        return bool(redis_client().eval(script, 1, key, *arguments))
    except RedisAway:
        return True
