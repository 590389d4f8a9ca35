"""Replicas that are promoted, and lack what was acknowledged last."""

import asyncio
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.client.traffic import Findings, Traffic
from benchmarks.processes.postgres import DATABASE, Postgres
from benchmarks.processes.program import free_port
from benchmarks.processes.progress import say
from benchmarks.processes.redis import Redis
from benchmarks.scale.cluster import CALM_SECONDS, Cluster

PROMOTIONS = 2
END = "SELECT max(position) FROM events_event"


async def promoted_replicas(folder: Path, stack: ExitStack) -> Findings:
    """Twice: the primary dies, a replica that lacks its last second is promoted and takes over."""
    local = ["127.0.0.1"]
    ports = [free_port() for _ in range(1 + PROMOTIONS)]
    primary = stack.enter_context(Postgres(folder / "postgres-0", port=ports[0], addresses=local))
    redis = stack.enter_context(Redis(folder, "redis"))
    # libpq itself looks for the one of them that may be written to.
    hosts = f"host={','.join(local * len(ports))}&port={','.join(map(str, ports))}"
    database_url = f"postgres://postgres@/{DATABASE}?{hosts}&target_session_attrs=read-write"
    cluster = Cluster(folder, stack, database_url=database_url, redis_url=f"redis://127.0.0.1:{redis.port}/0")
    since = 0.0
    async with Traffic(cluster.serve_many(2), cluster.tokens, rate=50) as traffic:
        for number, port in enumerate(ports[1:], 1):
            replica = Postgres(folder / f"postgres-{number}", copy_of=primary, port=port, addresses=local)
            stack.callback(replica.stop)
            await asyncio.to_thread(replica.start)
            await asyncio.sleep(CALM_SECONDS)
            await asyncio.to_thread(replica.detach)
            await asyncio.sleep(1)
            last = primary.sql(END)[0][0]
            await asyncio.to_thread(primary.kill)
            since, traffic.latest = time.monotonic(), 0.0
            await asyncio.to_thread(replica.promote)
            kept = replica.sql(END)[0][0]
            say(f"the primary died at position {last}, and its replica was promoted at {kept}")
            await traffic.next_acknowledgement()
            say(f"{time.monotonic() - since:.1f} s after the death the first post is acknowledged")
            primary = replica
        await asyncio.sleep(CALM_SECONDS)
        say(f"the log goes on at {primary.sql(END)[0][0]}")
        # What was acknowledged before may be lost; the readers were told so, or they have faults to show.
        return await traffic.settle(since=since + 1)
