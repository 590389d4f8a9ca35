"""PgBouncer between the servers and a PostgreSQL that restarts."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.client.traffic import Findings, Traffic
from benchmarks.processes.postgres import PROJECT, Postgres
from benchmarks.processes.program import Program, free_port
from benchmarks.processes.progress import say
from benchmarks.processes.redis import Redis
from benchmarks.scale.cluster import CALM_SECONDS, Cluster, tcp_url

AWAY_SECONDS = 8
CONFIG = """[databases]
* = host={host} port={server_port} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 16
max_client_conn = 500
# A process that freezes inside a transaction holds a room; a request that can't be served soon is better refused.
idle_transaction_timeout = 30
query_wait_timeout = 5
server_login_retry = 1
server_check_delay = 0
"""
TESTS = ("stream", "stream_rights", "resume_under_load", "parallel")


class PgBouncer(Program):
    """In transaction mode, before the server on the socket in `host`. It refuses root, so it runs as `user`."""

    stop_signal = signal.SIGINT

    def __init__(self, folder: Path, host: Path, server_port: int, user: int | None) -> None:
        port = free_port()
        folder.mkdir()
        if user is not None:
            os.chown(folder, user, -1)
        (folder / "users.txt").write_text('"postgres" ""\n')
        config = folder / "pgbouncer.ini"
        config.write_text(CONFIG.format(host=host, server_port=server_port, port=port, folder=folder))
        super().__init__(folder.with_suffix(".log"), "pgbouncer", str(config), port=port)
        self.user = user


async def pgbouncer_between(folder: Path, stack: ExitStack) -> Findings:
    """Everything goes through PgBouncer in transaction mode, migrations too; PostgreSQL restarts behind it."""
    postgres = stack.enter_context(Postgres(folder / "postgres"))
    redis = stack.enter_context(Redis(folder, "redis"))
    bouncer = PgBouncer(folder / "pgbouncer", postgres.data, postgres.postgres_port, postgres.user)
    stack.enter_context(bouncer)
    redis_url = f"redis://127.0.0.1:{redis.port}/0"
    cluster = Cluster(folder, stack, database_url=tcp_url(bouncer.port), redis_url=redis_url)
    async with Traffic(cluster.serve_many(4), cluster.tokens) as traffic:
        await asyncio.sleep(CALM_SECONDS)
        held = postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")[0][0]
        say(f"4 processes hold {held} connections to PostgreSQL")
        say(f"PostgreSQL is stopped for {AWAY_SECONDS} s")
        traffic.latest = 0.0
        await asyncio.to_thread(postgres.stop)
        await asyncio.sleep(AWAY_SECONDS)
        began = time.monotonic()
        await asyncio.to_thread(postgres.start)
        await traffic.next_acknowledgement()
        say(f"{time.monotonic() - began:.1f} s after its start the first post is acknowledged")
        await asyncio.sleep(CALM_SECONDS)
        findings = await traffic.settle()
    say("the tests of the streams run through another one")
    findings.faults.extend(await asyncio.to_thread(run_tests_through_pgbouncer, folder, stack, postgres.user))
    return findings


def run_tests_through_pgbouncer(folder: Path, stack: ExitStack, user: int | None) -> list[str]:
    """Run tests whose services reach the tests' own PostgreSQL by way of PgBouncer's socket."""
    data = folder / "tests-data"
    bouncer = stack.enter_context(PgBouncer(folder / "socket", data / "run", 5432, user))
    (folder / "socket" / ".s.PGSQL.5432").symlink_to(folder / "socket" / f".s.PGSQL.{bouncer.port}")
    env = {**os.environ, "CHAT_DATA_DIR": str(data), "CHAT_TEST_DOOR": str(folder / "socket"), "CI": "true"}
    tests = [f"chats/tests/test_{name}.py" for name in TESTS]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(folder / "tests")]
    done = subprocess.run([*command, *tests], cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    say(f"{done.stdout.strip().splitlines()[-1]}")
    return [done.stdout[-3000:]] if done.returncode else []
