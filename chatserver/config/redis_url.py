"""REDIS_URL: one server, the master that Sentinels name, or a cluster.

- `redis://`, `rediss://` (TLS) and `unix://` as redis-py has them.
- `redis+sentinel://[user:password@]host:26379,host:26379/master[/db][?sentinel_password=…]`, `rediss+sentinel://`
- `redis+cluster://[user:password@]host:6379,host:6379`, `rediss+cluster://`
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis.asyncio.connection import Connection, SSLConnection

PLAIN = {"redis", "rediss", "unix"}
# The longest wait for a Sentinel or a node that does not answer.
ASK_SECONDS = 0.5
PORTS = {"sentinel": 26379, "cluster": 6379}


@dataclass(frozen=True)
class RedisAddress:
    """Where Redis is. `kind` is "server" (only `url` is used), "sentinel" or "cluster" (the other fields are used)."""

    kind: str
    url: str
    nodes: tuple[tuple[str, int], ...] = ()
    master: str = ""
    # Options of each connection to Redis, and of each to a Sentinel.
    options: dict[str, Any] = field(default_factory=dict)
    sentinel_options: dict[str, Any] = field(default_factory=dict)

    def channel_layer_host(self) -> dict[str, Any]:
        """The entry in `hosts` of channels_redis."""
        if self.kind == "server":
            return {"address": self.url}
        if self.kind == "sentinel":
            return {
                "master_name": self.master,
                "sentinels": list(self.nodes),
                "sentinel_kwargs": self.sentinel_options,
                **self.options,
            }
        # Every node of a cluster passes on what is published on any of them, so any node will do.
        options = {name: value for name, value in self.options.items() if name != "ssl"}
        connection = AnyNodeTls if self.options.get("ssl") else AnyNode
        return {"connection_class": connection, "nodes": self.nodes, **options}


class AnyNode(Connection):
    """Connects to the first node that answers."""

    def __init__(self, *, nodes: tuple[tuple[str, int], ...], **options: Any) -> None:
        super().__init__(socket_connect_timeout=ASK_SECONDS, **options)
        self._nodes = nodes

    async def _connect(self) -> None:
        for self.host, self.port in self._nodes[:-1]:  # noqa: B020 - two attributes, not the iterable
            with suppress(OSError, TimeoutError):
                await super()._connect()
                return
        self.host, self.port = self._nodes[-1]
        await super()._connect()


class AnyNodeTls(AnyNode, SSLConnection):
    pass


def read_redis_url(url: str) -> RedisAddress:
    """Parse REDIS_URL. ImproperlyConfigured if it is invalid."""
    scheme, _, kind = urlsplit(url).scheme.partition("+")
    if not kind and scheme in PLAIN:
        return RedisAddress("server", url)
    if kind not in PORTS or scheme not in {"redis", "rediss"}:
        raise ImproperlyConfigured(
            "REDIS_URL must be a redis://, rediss://, unix://, redis+sentinel:// or redis+cluster:// URL"
        )
    parts = urlsplit(url)
    who, _, hosts = parts.netloc.rpartition("@")
    user, _, password = (unquote(word) for word in who.partition(":"))
    options: dict[str, Any] = {"ssl": True} if scheme == "rediss" else {}
    options |= {name: word for name, word in (("username", user), ("password", password)) if word}
    nodes = tuple(_node(text, PORTS[kind]) for text in hosts.split(","))
    path = parts.path.strip("/").split("/")
    if kind == "cluster":
        if path != [""]:
            raise ImproperlyConfigured("REDIS_URL must not name a database: a Redis Cluster has only one")
        return RedisAddress(kind, url, nodes, options=options)
    if not path[0] or len(path) > 2 or not "".join(path[1:] or "0").isdigit():
        raise ImproperlyConfigured("REDIS_URL must end in /master or /master/db, the name that the Sentinels know")
    if path[1:]:
        options["db"] = int(path[1])
    given = parse_qs(parts.query)
    unknown = set(given) - {"sentinel_username", "sentinel_password"}
    if unknown:
        raise ImproperlyConfigured(f"REDIS_URL has an option that is none: {min(unknown)}")
    asking: dict[str, Any] = {name.removeprefix("sentinel_"): words[0] for name, words in given.items()}
    asking |= {"socket_timeout": ASK_SECONDS, "socket_connect_timeout": ASK_SECONDS}
    return RedisAddress(kind, url, nodes, path[0], options, asking)


def _node(text: str, port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        if not parts.hostname:
            raise ValueError("no host")
        return parts.hostname, parts.port or port
    except ValueError as error:
        raise ImproperlyConfigured("REDIS_URL must name each node as host or host:port") from error
