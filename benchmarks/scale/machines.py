"""Several machines behind nginx."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.postgres import Postgres
from benchmarks.processes.redis import Redis
from benchmarks.scale.network import BRIDGE, Network
from benchmarks.scale.nginx import Nginx
from benchmarks.scale.servers import Cluster
from benchmarks.scale.stage import CALM_SECONDS, Tell, started
from benchmarks.scale.traffic import Findings, Traffic

# Longer than a stream may be silent, so that every client of a dead machine has noticed.
CUT_SECONDS = 24.0


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
