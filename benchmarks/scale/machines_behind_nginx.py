"""Several machines behind nginx."""

import asyncio
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.client.traffic import Findings, Traffic
from benchmarks.processes.namespace import Namespace, is_possible
from benchmarks.processes.nginx import Nginx
from benchmarks.processes.postgres import Postgres
from benchmarks.processes.program import free_port
from benchmarks.processes.progress import say
from benchmarks.processes.redis import Redis
from benchmarks.scale.cluster import CALM_SECONDS, Cluster, tcp_url

MACHINES = 4
# Longer than a stream may be silent, so that every client of a dead machine has noticed.
CUT_SECONDS = 24.0
CONFIG = """
    upstream chatserver {{
        {servers}
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        # A machine that vanished, or drains: the next one takes over, for what was not sent to it yet.
        proxy_connect_timeout 1s;
        proxy_next_upstream error timeout http_503;
        location / {{
            proxy_pass http://chatserver;
            proxy_read_timeout 5s;
        }}
        location ~ ^/(api/v1/)?stream/?$ {{
            proxy_pass http://chatserver;
            proxy_buffering off;
            proxy_read_timeout 20s;
        }}
    }}
"""


async def four_machines_behind_nginx(folder: Path, stack: ExitStack) -> Findings:
    """Four server processes in four namespaces; a cable is pulled, then all are restarted one after the other."""
    if not is_possible():
        raise SystemExit("network namespaces need Linux, root and `ip`")
    machines = [stack.enter_context(closing(Namespace(number))) for number in range(MACHINES)]
    addresses = ["127.0.0.1", *(machine.here for machine in machines)]
    postgres = stack.enter_context(Postgres(folder / "postgres", port=free_port(), addresses=addresses))
    redis = stack.enter_context(Redis(folder, "redis"))
    redis_url = "redis://{}:{}/0"
    database_url = tcp_url(postgres.postgres_port)
    cluster = Cluster(folder, stack, database_url=database_url, redis_url=redis_url.format("127.0.0.1", redis.port))
    servers = []
    for number, machine in enumerate(machines):
        urls = {
            "DATABASE_URL": tcp_url(postgres.postgres_port, machine.here),
            "REDIS_URL": redis_url.format(machine.here, redis.port),
        }
        servers.append(cluster.serve(number, machine, **urls))
    lines = "\n        ".join(f"server {server.address} max_fails=1 fail_timeout=5s;" for server in servers)
    port = free_port()
    nginx = stack.enter_context(Nginx(folder, port, CONFIG.format(port=port, servers=lines)))
    async with Traffic([nginx.port], cluster.tokens) as traffic:
        await asyncio.sleep(CALM_SECONDS)
        say(f"the cable of {machines[0].there} is pulled for {CUT_SECONDS:.0f} s")
        with machines[0].cut():
            await asyncio.sleep(CUT_SECONDS)
        await asyncio.sleep(CALM_SECONDS)
        say(f"the longest from an acknowledgement to a reader: {traffic.latest:.2f} s")
        traffic.latest = 0.0
        for server in servers:
            say(f"{server.address} is restarted")
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            await asyncio.sleep(CALM_SECONDS / 3)
        return await traffic.settle()
