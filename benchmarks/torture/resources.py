"""I7: what the servers use stays within bounds."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence

import psutil

from benchmarks.processes.server import Server
from benchmarks.torture.violations import Violations

RESOURCES_SECONDS = 1.0
# A worker takes about 100 MB; its recent events, its queues and the answers of its threads may add as much once more.
# What grows without a bound passes any figure; this one is passed within minutes.
MAX_MEGABYTES = 350
# Six for REST, one for messages, one for pages, four that read for streams, the sequencer, the reader that trims,
# presence, the loop, and granian's own: about 23. The rest is reserve.
MAX_THREADS = 48
# Beside one for each connection: files, sockets to the engines, pipes, Prometheus' files.
SPARE_DESCRIPTORS = 150
# docs/operations.md: 6 threads and 14 others.
CONNECTIONS_PER_SERVER = 20


async def watch_resources(
    servers: Sequence[Server], clients: int, peaks: dict[str, Counter[str]], violations: Violations
) -> None:
    """Look at the workers now and then. `peaks` gets the most of each server."""
    bounds = {"megabytes": MAX_MEGABYTES, "threads": MAX_THREADS, "descriptors": 2 * clients + SPARE_DESCRIPTORS}
    while True:
        for server in servers:
            peak = peaks.setdefault(server.name, Counter())
            for worker in server.worker_processes():
                for what, value in used_by(worker).items():
                    if value > bounds[what] >= peak[what]:  # tell it once
                        violations.add("I7", f"{server.name} has {value:,} {what}; the bound is {bounds[what]:,}")
                    peak[what] = max(peak[what], value)
        await asyncio.sleep(RESOURCES_SECONDS)


def used_by(worker: psutil.Process) -> dict[str, int]:
    """Nothing where it has ended."""
    with contextlib.suppress(psutil.Error):
        megabytes = worker.memory_info().rss // 2**20
        return {"megabytes": megabytes, "threads": worker.num_threads(), "descriptors": worker.num_fds()}
    return {}
