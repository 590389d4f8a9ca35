"""The one Redis client of REST threads. Short limits: what is in Redis is never worth waiting for."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_SECONDS = 0.3


@cache
def redis_client() -> redis.Redis:
    """A pooled client, safe to share among threads. Its calls raise redis.RedisError when Redis is away."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 1),
        max_connections=64,
    )


def redis_key(*parts: object) -> str:
    """A key below this ChatServer's prefix."""
    return ":".join([settings.REDIS_PREFIX, *map(str, parts)])
