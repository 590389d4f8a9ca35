"""Redis over TCP, and the Sentinels that watch it."""

import signal
from pathlib import Path

import redis

from benchmarks.processes.program import EVERYWHERE, Program, answers, free_port, wait_for


class Redis:
    """A redis-server that keeps nothing on disk. `options` are its flags."""

    def __init__(self, folder: Path, name: str, *options: str) -> None:
        self.port = free_port()
        home = folder / name
        home.mkdir()
        flags = ("--bind", EVERYWHERE, "--protected-mode", "no", "--dir", str(home), "--save", "", "--appendonly", "no")
        self.program = Program(folder / f"{name}.log", "redis-server", "--port", str(self.port), *flags, *options)
        self.start()

    def start(self) -> None:
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "Redis")

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=2, decode_responses=True)

    def stop(self) -> None:
        self.program.signal(signal.SIGCONT)
        self.program.stop(signal.SIGKILL)


class Sentinel:
    """One of those that watch `master` and choose its successor."""

    def __init__(self, folder: Path, name: str, master: Redis) -> None:
        self.port = free_port()
        config = folder / f"{name}.conf"
        config.write_text(
            f"port {self.port}\nprotected-mode no\ndir {folder}\n"
            f"sentinel monitor chat 127.0.0.1 {master.port} 2\n"
            "sentinel down-after-milliseconds chat 1000\nsentinel failover-timeout chat 5000\n"
        )
        self.program = Program(folder / f"{name}.log", "redis-sentinel", str(config))
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "Sentinel")

    def master_port(self) -> int:
        client = redis.Redis(port=self.port, socket_timeout=2, decode_responses=True)
        _, port = client.sentinel_get_master_addr_by_name("chat")  # type: ignore[misc]  # not of the async client
        return int(port)

    def stop(self) -> None:
        self.program.stop(signal.SIGTERM)
