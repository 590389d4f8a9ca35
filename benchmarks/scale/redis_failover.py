"""Redis that fails over: with Sentinels, and as a cluster."""

import asyncio
import json
import signal
import subprocess
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.postgres import Postgres
from benchmarks.processes.program import free_port, wait_for
from benchmarks.processes.redis import Redis, Sentinel
from benchmarks.scale.servers import Cluster
from benchmarks.scale.stage import CALM_SECONDS, Tell, started
from benchmarks.scale.traffic import Findings, Traffic


async def redis_with_sentinels(folder: Path, stack: ExitStack, tell: Tell) -> Findings:
    """A master freezes and is replaced; it comes back; its successor is killed."""
    postgres, master = Postgres(folder / "postgres"), Redis(folder, "one")
    started(stack, postgres)
    started(stack, master)
    replica = Redis(folder, "two", "--replicaof", "127.0.0.1", str(master.port))
    started(stack, replica)
    sentinels = [Sentinel(folder, f"sentinel-{number}", master) for number in range(3)]
    for sentinel in sentinels:
        started(stack, sentinel)
    await asyncio.sleep(3)  # they find each other and the replica
    nodes = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in sentinels)
    cluster = Cluster(
        folder,
        database_url=f"postgres://postgres@127.0.0.1:{postgres.port}/chat",
        redis_url=f"redis+sentinel://{nodes}/chat/0",
    )
    urls = cluster.serve_many(2, stack)
    async with Traffic(urls, cluster.tokens) as traffic:
        await asyncio.sleep(CALM_SECONDS)
        began = time.time()
        tell("  the master freezes (SIGSTOP)")
        master.program.signal(signal.SIGSTOP)
        await asyncio.to_thread(wait_for, lambda: sentinels[0].master_port() == replica.port, "a new master")
        await _tell_of_successor(traffic, urls, began, tell)
        master.program.signal(signal.SIGCONT)
        await asyncio.sleep(CALM_SECONDS)
        began = time.time()
        tell("  the old master is back; the new one is killed (SIGKILL)")
        replica.program.stop(signal.SIGKILL)
        await asyncio.to_thread(wait_for, lambda: sentinels[0].master_port() == master.port, "a new master")
        await _tell_of_successor(traffic, urls, began, tell)
        return await traffic.settle()


async def redis_cluster(folder: Path, stack: ExitStack, tell: Tell) -> Findings:
    """Three masters and three replicas; each master is killed, and its replica takes over."""
    postgres = Postgres(folder / "postgres")
    started(stack, postgres)
    flags = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-port")
    nodes = [Redis(folder, f"node-{number}", *flags, str(free_port())) for number in range(6)]
    for node in nodes:
        started(stack, node)
    addresses = [f"127.0.0.1:{node.port}" for node in nodes]
    command = ["redis-cli", "--cluster", "create", *addresses, "--cluster-replicas", "1", "--cluster-yes"]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    wait_for(lambda: all(node.client().cluster("info")["cluster_state"] == "ok" for node in nodes), "the cluster")
    cluster = Cluster(
        folder,
        database_url=f"postgres://postgres@127.0.0.1:{postgres.port}/chat",
        redis_url=f"redis+cluster://{','.join(addresses)}",
    )
    urls = cluster.serve_many(2, stack)
    alive = nodes[-1].client()
    async with Traffic(urls, cluster.tokens) as traffic:
        await asyncio.sleep(CALM_SECONDS)
        for number, node in enumerate(nodes[:2]):
            began = time.time()
            tell(f"  master {number} is killed")
            node.program.stop(signal.SIGKILL)
            await asyncio.to_thread(wait_for, lambda: alive.cluster("info")["cluster_state"] == "fail", "the loss")
            await asyncio.to_thread(wait_for, lambda: alive.cluster("info")["cluster_state"] == "ok", "its replica")
            tell(f"  after {time.time() - began:.1f} s its replica has taken over")
            await _tell_when_typing_is_heard(traffic, urls, began, tell)
            await _tell_who_is_online(traffic, urls[0], cluster.tokens[0], began, tell)
            tell(f"  longest from an acknowledgement to a reader meanwhile: {traffic.latest(began):.2f} s")
            await asyncio.sleep(CALM_SECONDS)
        return await traffic.settle()


async def _tell_of_successor(traffic: Traffic, urls: list[str], began: float, tell: Tell) -> None:
    tell(f"  after {time.time() - began:.1f} s the Sentinels have a new one")
    await _tell_when_typing_is_heard(traffic, urls, began, tell)
    tell(f"  longest from an acknowledgement to a reader meanwhile: {traffic.latest(began):.2f} s")


async def _tell_when_typing_is_heard(traffic: Traffic, urls: list[str], began: float, tell: Tell) -> None:
    """Typing is nowhere but in Redis: when a reader of one server hears it from the other, the broadcast is back."""
    listener = traffic.readers[0]
    deadline = asyncio.get_running_loop().time() + 30
    listener.typing = 0
    typist = traffic.writers[1].token
    while not listener.typing:
        if asyncio.get_running_loop().time() > deadline:
            raise RuntimeError("typing is not heard any more")
        await asyncio.to_thread(_call, f"{urls[1]}/api/v1/rooms/0/typing/", typist, b"{}")
        await asyncio.sleep(0.2)
    tell(f"  after {time.time() - began:.1f} s typing is heard from process to process again")


async def _tell_who_is_online(traffic: Traffic, url: str, token: str, began: float, tell: Tell) -> None:
    online = json.loads(await asyncio.to_thread(_call, f"{url}/api/v1/users/online/", token))
    tell(f"  after {time.time() - began:.1f} s {len(online['results'])} people are known to be online")


def _call(url: str, token: str, body: bytes | None = None) -> bytes:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own address
        content: bytes = answer.read()
        return content
