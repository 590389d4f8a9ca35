"""Replicas that are promoted, and lack what was acknowledged last."""

import asyncio
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.postgres import Postgres
from benchmarks.processes.program import free_port
from benchmarks.processes.redis import Redis
from benchmarks.scale.servers import Cluster
from benchmarks.scale.stage import CALM_SECONDS, Tell, started
from benchmarks.scale.traffic import Findings, Traffic


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
    urls = cluster.serve_many(2, stack)
    since = 0.0
    async with Traffic(urls, cluster.tokens, rate=50) as traffic:
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
