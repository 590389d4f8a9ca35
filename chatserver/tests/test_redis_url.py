"""REDIS_URL in its three kinds."""

from chatserver.config.redis_url import ASK_SECONDS, AnyNode, AnyNodeTls, read_redis_url


def test_one_server() -> None:
    for url in ("redis://localhost:6379/0", "rediss://:secret@localhost", "unix:///run/redis.sock"):
        assert read_redis_url(url).channel_layer_host() == {"address": url}


def test_the_master_that_sentinels_name() -> None:
    address = read_redis_url("redis+sentinel://chat:s%40fe@one,two:26380,[::1]:26381/mymaster/2?sentinel_password=x")
    assert address.channel_layer_host() == {
        "master_name": "mymaster",
        "sentinels": [("one", 26379), ("two", 26380), ("::1", 26381)],
        "sentinel_kwargs": {"password": "x", "socket_timeout": ASK_SECONDS, "socket_connect_timeout": ASK_SECONDS},
        "username": "chat",
        "password": "s@fe",
        "db": 2,
    }
    assert read_redis_url("rediss+sentinel://one/mymaster").options == {"ssl": True}


def test_a_cluster_is_heard_at_any_node() -> None:
    address = read_redis_url("redis+cluster://:secret@one,two:6380")
    nodes = (("one", 6379), ("two", 6380))
    assert (address.kind, address.nodes, address.options) == ("cluster", nodes, {"password": "secret"})
    assert address.channel_layer_host() == {"connection_class": AnyNode, "nodes": nodes, "password": "secret"}
    encrypted = read_redis_url("rediss+cluster://one,two:6380").channel_layer_host()
    assert encrypted == {"connection_class": AnyNodeTls, "nodes": nodes}
