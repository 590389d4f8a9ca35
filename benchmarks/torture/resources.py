"""I7: what the servers use stays within bounds."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from benchmarks.processes.server import Server
from benchmarks.torture.violations import Violations

LOOK_SECONDS = 1.0
# A worker takes about 100 MB; its ring, its queues and the answers of its threads may add as much once more. What
# grows without a bound passes any figure; this one is passed within minutes.
MAX_RSS_BYTES = 350 * 1024 * 1024
# Six for REST, one for messages, one for pages, four that read for streams, the sequencer, the reader that trims,
# presence, the loop, and granian's own: about 23. The rest is reserve.
MAX_THREADS = 48
# Beside one for each connection: files, sockets to the engines, pipes, Prometheus' files.
SPARE_DESCRIPTORS = 150
# docs/operations.md: 6 threads and 9 others.
CONNECTIONS_PER_SERVER = 15


@dataclass(slots=True)
class Peak:
    rss_bytes: int = 0
    threads: int = 0
    descriptors: int = 0


class Resources:
    """Looks at the workers now and then, and remembers the most of each."""

    def __init__(self, servers: Sequence[Server], clients: int, violations: Violations) -> None:
        self.peaks = [Peak() for _ in servers]
        self._servers = servers
        self._max_descriptors = 2 * clients + SPARE_DESCRIPTORS
        self._violations = violations

    async def watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        for server, peak in zip(self._servers, self.peaks, strict=True):
            for worker in server.worker_processes():
                with contextlib.suppress(psutil.Error):
                    self._measure(server, worker, peak)

    def _measure(self, server: Server, worker: psutil.Process, peak: Peak) -> None:
        rss, threads, descriptors = worker.memory_info().rss, worker.num_threads(), worker.num_fds()
        self._check(server.name, "bytes of memory", rss, peak.rss_bytes, MAX_RSS_BYTES)
        self._check(server.name, "threads", threads, peak.threads, MAX_THREADS)
        self._check(server.name, "descriptors", descriptors, peak.descriptors, self._max_descriptors)
        peak.rss_bytes = max(peak.rss_bytes, rss)
        peak.threads = max(peak.threads, threads)
        peak.descriptors = max(peak.descriptors, descriptors)

    def _check(self, name: str, what: str, value: int, peak: int, most: int) -> None:
        if value > most >= peak:  # tell it once
            self._violations.add("I7", f"{name} has {value:,} {what}; the bound is {most:,}")
