"""Each scenario builds its engines and servers, breaks something under traffic, and returns what its people found."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.scale.engines import Nginx, PgBouncer, Postgres, Redis, Sentinel, free_port
from benchmarks.scale.network import BRIDGE, Network
from benchmarks.scale.programs import wait_for
from benchmarks.scale.servers import PROJECT, Cluster
from benchmarks.scale.traffic import Findings, Traffic

Tell = Callable[[str], None]
# Between two deeds, so that all have come back from the first.
CALM_SECONDS = 6.0
# Longer than a stream may be silent, so that every client of a dead machine has noticed.
CUT_SECONDS = 24.0


def started(stack: ExitStack, thing: "Postgres | Redis | Sentinel | PgBouncer | Nginx") -> None:
    stack.callback(thing.stop)


async def four_machines_behind_nginx(folder: Path, stack: ExitStack, tell: Tell) -> Findings:
    """Four server processes in four namespaces; a cable is pulled, then all are restarted one after the other."""
    network = stack.enter_context(Network(4))
    postgres, redis = Postgres(folder / "postgres"), Redis(folder, "redis")
    started(stack, postgres)
    started(stack, redis)
    cluster = Cluster(
        folder,
        database_url=f"postgres://postgres@{BRIDGE}:{postgres.port}/chat",
        redis_url=f"redis://{BRIDGE}:{redis.port}/0",
    )
    servers = [cluster.serve(machine.name, machine) for machine in network.machines]
    for server in servers:
        stack.callback(server.stop)
    nginx = Nginx(folder, [server.address for server in servers])
    started(stack, nginx)
    async with Traffic([nginx.url], cluster.tokens) as traffic:
        await asyncio.sleep(CALM_SECONDS)
        tell(f"  the cable of {network.machines[0].address} is pulled for {CUT_SECONDS:.0f} s")
        network.machines[0].pull()
        await asyncio.sleep(CUT_SECONDS)
        network.machines[0].plug()
        await asyncio.sleep(CALM_SECONDS)
        for server in servers:
            tell(f"  {server.address} is restarted")
            await asyncio.to_thread(server.drain)
            await asyncio.to_thread(server.start)
            await asyncio.sleep(CALM_SECONDS / 3)
        return await traffic.settle()


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
    servers = [cluster.serve(f"server-{number}") for number in range(2)]
    for server in servers:
        stack.callback(server.stop)
    urls = [server.url for server in servers]
    async with Traffic(urls, cluster.tokens) as traffic:
        await asyncio.sleep(CALM_SECONDS)
        began = time.time()
        tell("  the master freezes (SIGSTOP)")
        master.program.signal(signal.SIGSTOP)
        await asyncio.to_thread(wait_for, lambda: sentinels[0].master_port() == replica.port, "a new master")
        tell(f"  after {time.time() - began:.1f} s the Sentinels have a new one")
        await _tell_when_typing_is_heard(traffic, urls, began, tell)
        tell(f"  longest from an acknowledgement to a reader meanwhile: {traffic.latest(began):.2f} s")
        master.program.signal(signal.SIGCONT)
        await asyncio.sleep(CALM_SECONDS)
        began = time.time()
        tell("  the old master is back; the new one is killed (SIGKILL)")
        replica.program.stop(signal.SIGKILL)
        await asyncio.to_thread(wait_for, lambda: sentinels[0].master_port() == master.port, "a new master")
        tell(f"  after {time.time() - began:.1f} s the Sentinels have a new one")
        await _tell_when_typing_is_heard(traffic, urls, began, tell)
        tell(f"  longest from an acknowledgement to a reader meanwhile: {traffic.latest(began):.2f} s")
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
    servers = [cluster.serve(f"server-{number}") for number in range(2)]
    for server in servers:
        stack.callback(server.stop)
    urls = [server.url for server in servers]
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


async def pgbouncer_between(folder: Path, stack: ExitStack, tell: Tell) -> Findings:
    """Everything goes through PgBouncer in transaction mode, migrations too; PostgreSQL restarts behind it."""
    postgres, redis = Postgres(folder / "postgres"), Redis(folder, "redis")
    started(stack, postgres)
    started(stack, redis)
    bouncer = PgBouncer(folder / "pgbouncer", "127.0.0.1", postgres.port)
    started(stack, bouncer)
    database_url = f"postgres://postgres@127.0.0.1:{bouncer.port}/chat"
    cluster = Cluster(folder, database_url=database_url, redis_url=f"redis://127.0.0.1:{redis.port}/0")
    servers = [cluster.serve(f"server-{number}") for number in range(4)]
    for server in servers:
        stack.callback(server.stop)
    async with Traffic([server.url for server in servers], cluster.tokens) as traffic:
        await asyncio.sleep(CALM_SECONDS)
        held = postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = 'chat'")[0][0]
        tell(f"  4 processes hold {held} connections to PostgreSQL")
        tell("  PostgreSQL is stopped for 8 s")
        await asyncio.to_thread(postgres.stop)
        await asyncio.sleep(8)
        began = time.monotonic()
        await asyncio.to_thread(postgres.start)
        await traffic.next_acknowledgement()
        tell(f"  {time.monotonic() - began:.1f} s after its start the first post is acknowledged")
        await asyncio.sleep(CALM_SECONDS)
        findings = await traffic.settle()
    tell("  the tests of the streams run through another one")
    fault = await asyncio.to_thread(_test_through_pgbouncer, folder, stack, tell)
    findings.faults.extend(fault)
    return findings


def _test_through_pgbouncer(folder: Path, stack: ExitStack, tell: Tell) -> list[str]:
    """Run tests whose services reach the tests' own PostgreSQL by way of PgBouncer's socket."""
    make_account = "from chatserver.engines.account import ACCOUNT, engine_account; engine_account(); print(ACCOUNT)"
    made = subprocess.run([sys.executable, "-c", make_account], cwd=PROJECT, capture_output=True, text=True, check=True)
    data = folder / "d"
    bouncer = PgBouncer(folder / "door", str(data / "run"), 5432, made.stdout.strip())
    started(stack, bouncer)
    (bouncer.folder / ".s.PGSQL.5432").symlink_to(bouncer.folder / f".s.PGSQL.{bouncer.port}")
    env = {**os.environ, "CHAT_DATA_DIR": str(data), "CHAT_TEST_DOOR": str(bouncer.folder), "CI": "true"}
    tests = [f"chats/tests/test_{name}.py" for name in ("stream", "stream_rights", "resume_under_load", "parallel")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(folder / "tests")]
    done = subprocess.run([*command, *tests], cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    tell(f"  {done.stdout.strip().splitlines()[-1]}")
    return [done.stdout[-3000:]] if done.returncode else []


async def promoted_replicas(folder: Path, stack: ExitStack, tell: Tell) -> Findings:
    """Twice: the primary dies, a replica that lacks its last second is promoted and takes over."""
    ports = [free_port() for _ in range(3)]
    primary = Postgres(folder / "postgres-0", port=ports[0])
    started(stack, primary)
    redis = Redis(folder, "redis")
    started(stack, redis)
    # libpq itself looks for the one of them that may be written to.
    hosts = f"host={','.join(['127.0.0.1'] * len(ports))}&port={','.join(map(str, ports))}"
    cluster = Cluster(
        folder,
        database_url=f"postgres://postgres@/chat?{hosts}&target_session_attrs=read-write",
        redis_url=f"redis://127.0.0.1:{redis.port}/0",
    )
    servers = [cluster.serve(f"server-{number}") for number in range(2)]
    for server in servers:
        stack.callback(server.stop)
    since = 0.0
    async with Traffic([server.url for server in servers], cluster.tokens, rate=50) as traffic:
        for number, port in enumerate(ports[1:], 1):
            replica = await asyncio.to_thread(Postgres, folder / f"postgres-{number}", port=port, copy_of=primary)
            started(stack, replica)
            await asyncio.sleep(CALM_SECONDS)
            await asyncio.to_thread(replica.detach)
            await asyncio.sleep(1)
            last = primary.sql("SELECT max(position) FROM events_event", "chat")[0][0]
            await asyncio.to_thread(primary.kill)
            since = time.time()
            await asyncio.to_thread(replica.promote)
            kept = replica.sql("SELECT max(position) FROM events_event", "chat")[0][0]
            tell(f"  the primary died at position {last}, and its replica was promoted at {kept}")
            await traffic.next_acknowledgement()
            tell(f"  {time.time() - since:.1f} s after the death the first post is acknowledged")
            primary = replica
        await asyncio.sleep(CALM_SECONDS)
        end = primary.sql("SELECT max(position) FROM events_event", "chat")[0][0]
        tell(f"  the log goes on at {end}")
        # What was acknowledged before may be lost; the readers were told so, or they have faults to show.
        return await traffic.settle(since=since + 1)


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
