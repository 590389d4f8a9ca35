"""One run: start everything, load and break it, heal it, let everybody catch up, and judge."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from benchmarks.torture.clients import Clients, users_needed
from benchmarks.torture.cluster import Cluster
from benchmarks.torture.context import Context
from benchmarks.torture.database_check import check_database
from benchmarks.torture.fault_injection import FaultInjector
from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.log_watcher import LogWatcher
from benchmarks.torture.options import Options
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.report import Report
from benchmarks.torture.resources import CONNECTIONS_PER_SERVER, Resources
from benchmarks.torture.schedule import draw_schedule
from benchmarks.torture.server_log import lost_positions, unforeseen_lines
from benchmarks.torture.violations import Violations

COMPARE_SECONDS = 0.25
# When the checker itself did not run for this long, its clock says nothing about the servers.
LAG_SECONDS = 0.3
PROGRESS_SECONDS = 10.0
CATCH_UP_SECONDS = 90.0
LAST_LOOK_SECONDS = 10.0


class Torture:
    """`say` tells how far it is."""

    def __init__(self, options: Options, folder: Path, say: Callable[[str], None]) -> None:
        self._options = options
        self._folder = folder
        self._say = say
        self._violations = Violations()
        self._oracle = Oracle(self._violations, FaultWindows(), options.allowance)
        self._counts: Counter[str] = Counter()
        times = self._oracle.messages, self._oracle.ends
        self.report = Report(options.seed, options.seconds, self._violations, self._counts, *times)

    @property
    def _is_decided(self) -> bool:
        return self._options.is_ending_at_first and bool(self._violations)

    async def run(self) -> Report:
        options = self._options
        self._say("starting PostgreSQL, Valkey and the servers")
        async with Cluster(self._folder, options, users=users_needed(options)) as cluster:
            faults = [kind for kind in options.faults if kind != "isolate" or cluster.namespace is not None]
            self.report.schedule = draw_schedule(options.seed, options.seconds, options.scale, faults, options.servers)
            if faults != options.faults:
                self.report.left_out.append("isolate: it needs Linux, root and iproute2's `ip`")
            for fault in self.report.schedule:
                self._say(f"planned: {fault}")
            await self._run_on(cluster)
        for server in cluster.servers:
            for line in unforeseen_lines(server.log):
                self._violations.add("unforeseen", f"{server.name} logged {line}")
            for position in lost_positions(server.log):
                self._counts["times that a server found its history lost"] += 1
                if self._oracle.history.end_of(position) is None:
                    self._violations.add("I4", f"{server.name} took {position} for lost, which is in the log")
        return self.report

    async def _run_on(self, cluster: Cluster) -> None:
        engines = cluster.engines
        watcher = LogWatcher(engines.connect, lambda: engines.starts, self._oracle.take_rows, self._violations)
        watcher.start()
        context = Context(cluster, self._oracle, self._counts, self._options.seed)
        clients = Clients(context, self._options)
        resources = Resources(cluster.servers, self._options.readers + self._options.writers, self._violations)
        self.report.peaks = resources.peaks
        tasks = [asyncio.create_task(work) for work in (self._compare(clients), self._tell(), resources.watch())]
        listening = [asyncio.create_task(listener.run()) for listener in clients.listeners]
        try:
            await clients.create_rooms()
            await self._load(context, watcher, clients)
            behind = await self._converge(clients)
            await stop(listening)
            await self._compare_the_rest()
            await self._judge(cluster, behind)
        finally:
            await stop([*tasks, *listening])
            for writer in clients.writers:
                writer.close()
            watcher.stop()
            await asyncio.to_thread(watcher.join, 30)

    # The run

    async def _load(self, context: Context, watcher: LogWatcher, clients: Clients) -> None:
        is_stopping = asyncio.Event()
        options, faults = self._options, self.report.faults
        injector = FaultInjector(context, watcher, clients.readers, faults, options.allowance, self._say)
        self._say("it begins")
        writing = [asyncio.create_task(writer.run(is_stopping)) for writer in clients.writers]
        breaking = asyncio.create_task(injector.carry_out(self.report.schedule))
        time_is_over = asyncio.create_task(self._wait(breaking))
        try:
            await asyncio.wait([time_is_over, *writing], return_when=asyncio.FIRST_COMPLETED)
            is_stopping.set()
            if not self._is_decided:
                await asyncio.gather(time_is_over, *writing)
        finally:
            await stop([time_is_over, breaking, *writing])

    async def _wait(self, breaking: "asyncio.Task[None]") -> None:
        """Until the time is over and everything is healed; or until the first violation, where that is wanted."""
        if self._options.is_ending_at_first:
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
        self._say("everything is healed; the readers catch up")
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
        while time.monotonic() < deadline and self._behind(clients, target):  # noqa: ASYNC110 - many at once
            await asyncio.sleep(0.1)
        behind = self._behind(clients, target)
        self._counts["readers and pollers who caught up"] = len(clients.listeners) - len(behind)
        return behind

    def _behind(self, clients: Clients, target: int) -> list[str]:
        return [each.name for each in clients.listeners if not self._oracle.has_caught_up(each.upto, target)]

    async def _compare_the_rest(self) -> None:
        """What came last is compared when the log has been looked at once more."""
        deadline = time.monotonic() + LAST_LOOK_SECONDS
        while not self._oracle.compare() and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)

    async def _judge(self, cluster: Cluster, behind: list[str]) -> None:
        oracle = self._oracle
        self.report.figures = {
            "rows of the log": len(oracle.history.now.rows),
            "starts of PostgreSQL": cluster.engines.starts,
            "rows lost by promotions": oracle.history.lost_rows,
            "events told that were lost already": oracle.told_though_lost,
            "messages acknowledged": oracle.acknowledgements.messages,
            "messages of unknown fate": oracle.acknowledgements.messages_unknown,
            "events compared at readers": oracle.compared,
            "memory that the checker took at most, MB": getrusage(RUSAGE_SELF).ru_maxrss // 1024,
        }
        if self._is_decided:
            return
        oracle.settle(behind)
        most = CONNECTIONS_PER_SERVER * len(cluster.servers)
        for invariant, what in await asyncio.to_thread(check_database, cluster.engines, most):
            self._violations.add(invariant, what)
        self.report.figures["acknowledged writes lost by promotions"] = oracle.acknowledgements.lost

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
            oracle, violations = self._oracle, sum(self._violations.counts.values())
            self._say(
                f"{oracle.acknowledgements.messages:,} messages acknowledged, {oracle.compared:,} events compared, "
                f"{len(oracle.history.now.rows):,} rows of the log, {violations} violations"
            )


async def stop(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
