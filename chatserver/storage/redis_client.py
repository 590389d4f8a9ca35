"""The Redis client of REST threads. Its time-outs are short: nothing in Redis is worth waiting for."""

from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import RedisClusterException
from redis.retry import Retry
from redis.sentinel import Sentinel

SOCKET_SECONDS = 0.3
MAX_CONNECTIONS = 64

# What a call raises when Redis is away. One error of redis-py's cluster is not a RedisError.
RedisAway = (redis.RedisError, RedisClusterException)


@cache
def redis_client() -> Any:
    """A pooled client, safe to share among threads. It and its calls raise RedisAway when Redis is away."""
    address = settings.REDIS
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": SOCKET_SECONDS,
        "socket_connect_timeout": SOCKET_SECONDS,
        "max_connections": MAX_CONNECTIONS,
        **address.options,
    }
    retry = Retry(NoBackoff(), 1)
    if address.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in address.nodes]
        # Half a cluster is better than none: our keys do not depend on each other.
        return RedisCluster(startup_nodes=nodes, require_full_coverage=False, retry=retry, **options)
    if address.kind == "sentinel":
        sentinels = Sentinel(address.nodes, sentinel_kwargs=address.sentinel_options)
        return sentinels.master_for(address.master, retry=retry, **options)
    return redis.Redis.from_url(address.url, retry=retry, **options)


def redis_key(*parts: object) -> str:
    """A key with this ChatServer's prefix."""
    return ":".join([settings.REDIS_PREFIX, *map(str, parts)])
