"""Redis that fails over: with Sentinels, and as a cluster."""

import asyncio
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.client.http import Connection
from benchmarks.client.traffic import Findings, Traffic
from benchmarks.processes.postgres import Postgres
from benchmarks.processes.program import free_port, wait_for
from benchmarks.processes.progress import say
from benchmarks.processes.redis import Redis, Sentinel
from benchmarks.scale.cluster import CALM_SECONDS, Cluster

TYPING_SECONDS = 30.0


class Watch:
    """Tells what is felt of a failover, from its begin on."""

    def __init__(self, traffic: Traffic, ports: list[int]) -> None:
        self._traffic = traffic
        self._port = ports[1]

    def begin(self, what: str) -> None:
        say(what)
        self._began = time.monotonic()
        self._traffic.latest = 0.0

    def tell(self, what: str) -> None:
        say(f"after {time.monotonic() - self._began:.1f} s {what}")

    async def end(self) -> None:
        """Typing is nowhere but in Redis: when a reader of one server hears it from the other, broadcasts are back."""
        listener, writer = self._traffic.readers[0], self._traffic.writers[1]
        listener.typing = 0
        connection = Connection(self._port, writer.token)
        async with asyncio.timeout(TYPING_SECONDS):
            while not listener.typing:
                await connection.request("POST", "/api/v1/rooms/0/typing/", b"{}")
                await asyncio.sleep(0.2)
        self.tell("typing is heard from process to process again")
        online = (await connection.get("/api/v1/users/online/")).json()
        self.tell(f"{len(online['results'])} users are known to be online")
        connection.close()
        say(f"the longest from an acknowledgement to a reader meanwhile: {self._traffic.latest:.2f} s")
        await asyncio.sleep(CALM_SECONDS)


async def redis_with_sentinels(folder: Path, stack: ExitStack) -> Findings:
    """A master freezes and is replaced; it comes back; its successor is killed."""
    postgres = stack.enter_context(Postgres(folder / "postgres"))
    master = stack.enter_context(Redis(folder, "one"))
    replica = stack.enter_context(Redis(folder, "two", "--replicaof", "127.0.0.1", str(master.port)))
    sentinels = [stack.enter_context(Sentinel(folder, f"sentinel-{number}", master)) for number in range(3)]
    await asyncio.sleep(3)  # they find each other and the replica
    nodes = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in sentinels)
    cluster = Cluster(folder, stack, database_url=postgres.url, redis_url=f"redis+sentinel://{nodes}/chat/0")
    ports = cluster.serve_many(2)
    async with Traffic(ports, cluster.tokens) as traffic:
        watch = Watch(traffic, ports)
        await asyncio.sleep(CALM_SECONDS)
        watch.begin("the master freezes (SIGSTOP)")
        with master.frozen():
            await asyncio.to_thread(wait_for, lambda: sentinels[0].master_port() == replica.port, "a new master")
            watch.tell("the Sentinels have a new one")
            await watch.end()
        await asyncio.sleep(CALM_SECONDS)
        watch.begin("the old master is back; the new one is killed (SIGKILL)")
        await asyncio.to_thread(replica.stop, signal.SIGKILL)
        await asyncio.to_thread(wait_for, lambda: sentinels[0].master_port() == master.port, "a new master")
        watch.tell("the Sentinels have a new one")
        await watch.end()
        return await traffic.settle()


async def redis_cluster(folder: Path, stack: ExitStack) -> Findings:
    """Three masters and three replicas; two masters are killed, and their replicas take over."""
    postgres = stack.enter_context(Postgres(folder / "postgres"))
    flags = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-port")
    nodes = [stack.enter_context(Redis(folder, f"node-{number}", *flags, str(free_port()))) for number in range(6)]
    addresses = [f"127.0.0.1:{node.port}" for node in nodes]
    command = ["redis-cli", "--cluster", "create", *addresses, "--cluster-replicas", "1", "--cluster-yes"]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    wait_for(lambda: all(state_of(node) == "ok" for node in nodes), "the cluster")
    cluster = Cluster(folder, stack, database_url=postgres.url, redis_url=f"redis+cluster://{','.join(addresses)}")
    ports = cluster.serve_many(2)
    async with Traffic(ports, cluster.tokens) as traffic:
        watch = Watch(traffic, ports)
        await asyncio.sleep(CALM_SECONDS)
        for number, node in enumerate(nodes[:2]):
            watch.begin(f"master {number} is killed")
            await asyncio.to_thread(node.stop, signal.SIGKILL)
            await asyncio.to_thread(wait_for, lambda: state_of(nodes[-1]) == "fail", "the loss")
            await asyncio.to_thread(wait_for, lambda: state_of(nodes[-1]) == "ok", "its replica")
            watch.tell("its replica has taken over")
            await watch.end()
        return await traffic.settle()


def state_of(node: Redis) -> str:
    state: str = node.client().cluster("info")["cluster_state"]
    return state
