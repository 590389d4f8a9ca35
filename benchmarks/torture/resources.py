"""I7: what the servers use stays within bounds."""

import asyncio
import contextlib
from collections.abc import Sequence

import psutil

from benchmarks.processes.server import Server
from benchmarks.torture.violations import Violations

LOOK_SECONDS = 1.0
# A worker takes about 100 MB; its recent events, its queues and the answers of its threads may add as much once more.
# What grows without a bound passes any figure; this one is passed within minutes.
MAX_MEGABYTES = 350
# Six for REST, one for messages, one for pages, four that read for streams, the sequencer, the reader that trims,
# presence, the loop, and granian's own: about 23. The rest is reserve.
MAX_THREADS = 48
# Beside one for each connection: files, sockets to the engines, pipes, Prometheus' files.
SPARE_DESCRIPTORS = 150
# docs/operations.md: 6 threads and 9 others.
CONNECTIONS_PER_SERVER = 15


class Resources:
    """Looks at the workers now and then. `peaks` has the most of each server."""

    def __init__(self, servers: Sequence[Server], clients: int, violations: Violations) -> None:
        descriptors = 2 * clients + SPARE_DESCRIPTORS
        self._bounds = {"megabytes": MAX_MEGABYTES, "threads": MAX_THREADS, "descriptors": descriptors}
        self.peaks = {server.name: dict.fromkeys(self._bounds, 0) for server in servers}
        self._servers = servers
        self._violations = violations

    async def watch(self) -> None:
        while True:
            for server in self._servers:
                for worker in server.worker_processes():
                    with contextlib.suppress(psutil.Error):
                        self._measure(server.name, worker)
            await asyncio.sleep(LOOK_SECONDS)

    def _measure(self, name: str, worker: psutil.Process) -> None:
        megabytes = worker.memory_info().rss // 2**20
        used = {"megabytes": megabytes, "threads": worker.num_threads(), "descriptors": worker.num_fds()}
        peak = self.peaks[name]
        for what, value in used.items():
            if value > self._bounds[what] >= peak[what]:  # tell it once
                self._violations.add("I7", f"{name} has {value:,} {what}; the bound is {self._bounds[what]:,}")
            peak[what] = max(peak[what], value)
