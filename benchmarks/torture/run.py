"""One run: start everything, load and break it, heal it, let everybody catch up, and judge."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.client.traffic import stop
from benchmarks.processes.progress import say
from benchmarks.torture.clients import Clients, users_needed
from benchmarks.torture.cluster import Cluster
from benchmarks.torture.context import Context
from benchmarks.torture.database_check import check_database
from benchmarks.torture.fault_injection import FaultInjector
from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.log_rules import Markers, check_departures, check_markers
from benchmarks.torture.log_watcher import LogWatcher
from benchmarks.torture.options import Options
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.resources import CONNECTIONS_PER_SERVER, watch_resources
from benchmarks.torture.schedule import Fault, draw_schedule, kinds_of
from benchmarks.torture.server_log import check_logs
from benchmarks.torture.violations import Violations

COMPARE_SECONDS = 0.25
# When the checker itself did not run for this long, its clock says nothing about the servers.
LAG_SECONDS = 0.3
PROGRESS_SECONDS = 10.0
# Everybody hears it, and what is said last is said there.
GENERAL_TOPIC = "room:0"
CATCH_UP_SECONDS = 90.0
LAST_LOOK_SECONDS = 10.0


class Torture:
    def __init__(self, options: Options, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._violations = Violations()
        self._oracle = Oracle(self._violations, FaultWindows(), options.allowance)
        self._counts: Counter[str] = Counter()
        self._peaks: dict[str, Counter[str]] = {}

    @property
    def _is_decided(self) -> bool:
        return self._options.first and bool(self._violations)

    async def run(self) -> dict[str, Any]:
        """The report."""
        say("starting PostgreSQL, Valkey and the servers")
        async with Cluster(self._folder, self._options, users=users_needed(self._options)) as cluster:
            kinds = kinds_of(self._options)
            if "isolate" in kinds and cluster.namespace is None:
                kinds.remove("isolate")
                say("left out: isolate: it needs Linux, root and iproute2's `ip`")
            schedule = draw_schedule(self._options.seed, self._options.seconds, kinds)
            for fault in schedule:
                say(f"planned: {fault}")
            faults = await self._run_on(cluster, schedule)
        check_logs(cluster.servers, self._oracle, self._counts)
        return {
            "seed": self._options.seed,
            "seconds": self._options.seconds,
            "schedule": [str(fault) for fault in schedule],
            "faults": faults,
            "figures": {"starts of PostgreSQL": cluster.engines.starts, **self._oracle.figures()},
            "counts": dict(sorted(self._counts.items())),
            # While no fault was an excuse; Redis may be away.
            "message to reader": asdict(self._oracle.messages),
            "end of right to end of stream": asdict(self._oracle.ends),
            "peaks": self._peaks,
            "violations": self._violations.counts,
            "examples": self._violations.kept,
        }

    async def _run_on(self, cluster: Cluster, schedule: list[Fault]) -> Counter[str]:
        """How often each kind of fault was done."""
        engines = cluster.engines
        watcher = LogWatcher(engines.connect, lambda: engines.starts, self._oracle.take_rows, self._violations)
        watcher.start()
        context = Context(cluster, self._oracle, self._counts, self._options.seed)
        clients = Clients(context, self._options)
        people = self._options.readers + len(clients.writers)
        watching = watch_resources(cluster.servers, people, self._peaks, self._violations)
        tasks = [asyncio.create_task(work) for work in (self._compare(clients), self._tell(), watching)]
        listening = [asyncio.create_task(listener.run()) for listener in clients.listeners]
        injector = FaultInjector(context, watcher, clients.readers, self._options.allowance)
        try:
            await clients.create_rooms()
            await self._load(injector.carry_out(schedule), clients)
            behind = await self._converge(clients)
            await stop(listening)
            await self._compare_the_rest()
            if not self._is_decided:
                await self._compare_stores(clients)
                await self._judge(cluster, behind)
        finally:
            await stop([*tasks, *listening])
            for writer in clients.writers:
                writer.close()
            watcher.stop()
            await asyncio.to_thread(watcher.join, 30)
        return injector.counts

    # The run

    async def _load(self, breaking: Coroutine[None, None, None], clients: Clients) -> None:
        is_stopping = asyncio.Event()
        say("it begins")
        writing = [asyncio.create_task(writer.run(is_stopping)) for writer in clients.writers]
        faults = asyncio.create_task(breaking)
        time_is_over = asyncio.create_task(self._wait(faults))
        try:
            await asyncio.wait([time_is_over, *writing], return_when=asyncio.FIRST_COMPLETED)
            is_stopping.set()
            if not self._is_decided:
                await asyncio.gather(time_is_over, *writing)
        finally:
            await stop([time_is_over, faults, *writing])

    async def _wait(self, breaking: "asyncio.Task[None]") -> None:
        """Until the time is over and everything is healed; or until the first violation, where that is wanted."""
        if self._options.first:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._options.seconds):
                    await self._violations.first.wait()
            return
        await asyncio.sleep(self._options.seconds)
        await breaking

    async def _converge(self, clients: Clients) -> list[str]:
        """Everything is healed: everybody has to catch up. Returns who did not."""
        if self._is_decided:
            return []
        say("everything is healed; the readers catch up")
        for listener in clients.listeners:
            listener.stay()
        deadline = time.monotonic() + CATCH_UP_SECONDS
        target = -1
        while time.monotonic() < deadline and target < 0:
            # What a frozen process still had in hand may come late: the last message is sent when nothing else does.
            before = self._oracle.history.now.position
            await asyncio.sleep(2.0)
            if before == self._oracle.history.now.position:
                is_sent = await clients.writers[0].send_to({"room_id": 0}, "the end")
                target = before + 1 if is_sent else -1
        while (behind := self._behind(clients, target)) and time.monotonic() < deadline:  # noqa: ASYNC110 - many at once
            await asyncio.sleep(0.1)
        self._counts["readers and pollers who caught up"] = len(clients.listeners) - len(behind)
        return behind

    def _behind(self, clients: Clients, target: int) -> list[str]:
        return [each.name for each in clients.listeners if not self._oracle.has_caught_up(each.last or 0, target)]

    async def _compare_the_rest(self) -> None:
        """What came last is compared when the log has been looked at once more."""
        deadline = time.monotonic() + LAST_LOOK_SECONDS
        while not self._oracle.compare() and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)

    async def _compare_stores(self, clients: Clients) -> None:
        say("the stores are compared")
        target = max(row.position for row in self._oracle.history.now.rows if row.topic == GENERAL_TOPIC)
        await asyncio.gather(*(reader.compare(target) for reader in clients.store_readers))

    async def _judge(self, cluster: Cluster, behind: list[str]) -> None:
        self._oracle.settle(behind)
        rows, markers = self._oracle.history.now.rows, Markers()
        for what in check_markers(rows, markers):
            self._violations.add("I8", what)
        for what in check_departures(rows):
            self._violations.add("I4", what)
        checking = check_database(
            cluster.engines,
            CONNECTIONS_PER_SERVER * len(cluster.servers),
            deleted_names=list(self._oracle.deleted_at),
            markers=markers,
        )
        for invariant, what in await asyncio.to_thread(list, checking):
            self._violations.add(invariant, what)

    # What goes on all the time

    async def _compare(self, clients: Clients) -> None:
        due = time.monotonic()
        while True:
            await asyncio.sleep(COMPARE_SECONDS)
            due, before = time.monotonic(), due
            if due - before > COMPARE_SECONDS + LAG_SECONDS:
                self._oracle.windows.add_past("checker", before)
                self._counts["times that the checker itself did not run"] += 1
            self._oracle.compare()
            for reader in clients.readers:
                if reader.transcript is not None:
                    self._oracle.check_end(reader.transcript)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            figures = ", ".join(f"{what}: {figure:,}" for what, figure in self._oracle.figures().items())
            say(f"{figures}; {self._violations.counts.total()} violations")
