"""How often it is announced that somebody types. Clients say so with each key, and everybody in the room hears it."""

from chatserver.storage.redis_client import RedisAway, redis_client, redis_key

# Clients show somebody as typing for a little longer than this.
TYPING_SECONDS = 3


def may_announce(room_id: int, user_id: int) -> bool:
    """Whether this was not announced in the last TYPING_SECONDS, by any process. True while Redis is away."""
    try:
        return bool(redis_client().set(redis_key("typing", room_id, user_id), 1, nx=True, ex=TYPING_SECONDS))
    except RedisAway:
        return True
