"""Pages of the history from a streaming replica, which then stands still, freezes and dies."""

import asyncio
import signal
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.postgres import Postgres
from benchmarks.processes.redis import Redis
from benchmarks.scale.pages import Pages, outcomes, read_pages, share
from benchmarks.scale.servers import Cluster, Server
from benchmarks.scale.stage import Tell
from benchmarks.scale.traffic import Findings, Traffic

READERS = 4
CHECKERS = 4
RATE = 50.0
MEASURE_SECONDS = 12.0
FAULT_SECONDS = 6.0


async def pages_from_a_replica(folder: Path, stack: ExitStack, tell: Tell) -> Findings:
    """One server without the replica and one with it; who writes must find it, whatever happens."""
    primary = Postgres(folder / "postgres")
    stack.callback(primary.stop)
    redis = Redis(folder, "redis")
    stack.callback(redis.stop)
    url = "postgres://postgres@127.0.0.1:{}/chat"
    cluster = Cluster(folder, database_url=url.format(primary.port), redis_url=f"redis://127.0.0.1:{redis.port}/0")
    replica = Postgres(folder / "replica", copy_of=primary)
    stack.callback(replica.stop)
    alone = cluster.serve("alone")
    stack.callback(alone.stop)
    server = cluster.serve("with-replica", DATABASE_REPLICA_URL=url.format(replica.port))
    stack.callback(server.stop)
    readers = cluster.tokens[40 : 40 + READERS + CHECKERS]
    faults: list[str] = []
    async with Traffic([alone.url, server.url], cluster.tokens, readers=20, rate=RATE) as traffic:
        began, used = time.monotonic(), primary.cpu_seconds()
        await asyncio.sleep(MEASURE_SECONDS / 2)
        writing = (primary.cpu_seconds() - used) / (time.monotonic() - began)
        for name, measured in (("without it", alone), ("with it", server)):
            # The first pages open connections.
            await read_pages(measured.port, readers, readers=READERS, checkers=0, seconds=1)
            used = primary.cpu_seconds()
            pages = await _read(name, measured, readers, 0, MEASURE_SECONDS, tell)
            cost = (primary.cpu_seconds() - used - writing * MEASURE_SECONDS) / len(pages.took)
            tell(f"  {name} the primary spends {cost * 1000:.2f} ms of a core on a page")
            faults += pages.faults
        faults += (await _read("while they write and read", server, readers, CHECKERS, MEASURE_SECONDS, tell)).faults
        for name, begin, end in (
            ("its replay stands still", lambda: _replay(replica, "pause"), lambda: _replay(replica, "resume")),
            ("it freezes", lambda: replica.signal(signal.SIGSTOP), lambda: replica.signal(signal.SIGCONT)),
            ("it is killed", replica.kill, replica.start),
        ):
            await asyncio.to_thread(begin)
            faults += (await _read(name, server, readers, CHECKERS, FAULT_SECONDS, tell)).faults
            await asyncio.to_thread(end)
            faults += (await _read("after that", server, readers, CHECKERS, FAULT_SECONDS, tell)).faults
        findings = await traffic.settle()
    findings.faults.extend(faults)
    return findings


async def _read(name: str, server: Server, tokens: list[str], checkers: int, seconds: float, tell: Tell) -> Pages:
    """Read for so long, and tell how it went."""
    before = await outcomes(server.port, tokens[0])
    pages = await read_pages(server.port, tokens, readers=READERS, checkers=checkers, seconds=seconds)
    tell(f"  {name}: {pages.line(seconds)}")
    if found := (await outcomes(server.port, tokens[0])) - before:
        tell(f"    with the replica: {share(found)}")
    return pages


def _replay(replica: Postgres, deed: str) -> None:
    replica.sql(f"SELECT pg_wal_replay_{deed}()")
