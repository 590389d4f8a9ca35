"""PgBouncer between the servers and a PostgreSQL that restarts."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.postgres import Postgres
from benchmarks.processes.redis import Redis
from benchmarks.scale.pgbouncer import PgBouncer
from benchmarks.scale.servers import PROJECT, Cluster
from benchmarks.scale.stage import CALM_SECONDS, Tell, started
from benchmarks.scale.traffic import Findings, Traffic


async def pgbouncer_between(folder: Path, stack: ExitStack, tell: Tell) -> Findings:
    """Everything goes through PgBouncer in transaction mode, migrations too; PostgreSQL restarts behind it."""
    postgres, redis = Postgres(folder / "postgres"), Redis(folder, "redis")
    started(stack, postgres)
    started(stack, redis)
    bouncer = PgBouncer(folder / "pgbouncer", "127.0.0.1", postgres.port)
    started(stack, bouncer)
    database_url = f"postgres://postgres@127.0.0.1:{bouncer.port}/chat"
    cluster = Cluster(folder, database_url=database_url, redis_url=f"redis://127.0.0.1:{redis.port}/0")
    urls = cluster.serve_many(4, stack)
    async with Traffic(urls, cluster.tokens) as traffic:
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
    make_account = (
        "from chatserver.storage.embedded.account import ACCOUNT, engine_account; engine_account(); print(ACCOUNT)"
    )
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
