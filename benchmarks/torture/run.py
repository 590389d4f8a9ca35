"""One run: start everything, let it live and break, heal it, let everybody catch up, and judge."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from benchmarks.torture.clients import Cast, people_needed
from benchmarks.torture.cluster import Cluster
from benchmarks.torture.context import Scene
from benchmarks.torture.database_check import check_database
from benchmarks.torture.fault_injection import Breaker
from benchmarks.torture.fault_windows import Weather
from benchmarks.torture.log import Tail
from benchmarks.torture.options import Options
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.readers import stop
from benchmarks.torture.report import Report
from benchmarks.torture.resources import CONNECTIONS_PER_SERVER, Resources
from benchmarks.torture.schedule import draw_plan
from benchmarks.torture.violations import Findings

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
        self._findings = Findings()
        self._weather = Weather()
        self._oracle = Oracle(self._findings, self._weather, options.allowance)
        self._counts: Counter[str] = Counter()
        self._began = time.monotonic()
        self.report = Report(options.seed, options.seconds, findings=self._findings, counts=self._counts)

    async def run(self) -> Report:
        options = self._options
        cluster = Cluster(
            self._folder,
            servers=options.servers,
            people=people_needed(options),
            with_namespace="isolate" in options.faults,
            sql=options.sql,
            seed=options.seed,
            with_replica="promote" in options.faults,
        )
        self._say("starting PostgreSQL, Valkey and the servers")
        async with cluster:
            faults = [kind for kind in options.faults if kind != "isolate" or cluster.isolated is not None]
            self.report.plan = draw_plan(options.seed, options.seconds, options.scale, faults, options.servers)
            if faults != options.faults:
                self.report.left_out.append("isolate: it needs Linux, root and iproute2's `ip`")
            for fault in self.report.plan:
                self._say(f"planned: {fault}")
            await self._live(cluster)
        for server in cluster.servers:
            for line in server.what_broke():
                self._findings.add("unforeseen", f"{server.name} logged {line}")
            for position in server.what_was_lost():
                self._counts["times that a server found its history lost"] += 1
                if self._oracle.promotions.of(position) is None:
                    self._findings.add("I4", f"{server.name} took {position} for lost, which is in the log")
        return self.report

    async def _live(self, cluster: Cluster) -> None:
        engines = cluster.engines
        tail = Tail(engines.connect, lambda: engines.postgres_starts, self._oracle.take_rows, self._findings)
        tail.start()
        scene = Scene(cluster, self._oracle, tail, self._counts, self._options.seed)
        cast = Cast(scene, self._options)
        resources = Resources(cluster.servers, self._options.readers + self._options.writers, self._findings)
        self.report.peaks = resources.peaks
        tasks = [asyncio.create_task(work) for work in (self._compare(cast), self._tell(), resources.watch())]
        listening = [asyncio.create_task(client.run()) for client in cast.clients]
        try:
            await cast.make_rooms()
            await self._work(scene, cast)
            behind = await self._converge(cast)
            await stop(listening)
            await self._compare_the_rest()
            await self._judge(cluster, behind)
        finally:
            await stop([*tasks, *listening])
            for writer in cast.writers:
                writer.close()
            tail.stop()
            await asyncio.to_thread(tail.join, 30)

    # The run

    async def _work(self, scene: Scene, cast: Cast) -> None:
        is_stopping = asyncio.Event()
        breaker = Breaker(scene, cast.readers, self.report.faults, self._options.allowance, self._say)
        self._began = time.monotonic()
        self._say("it begins")
        writing = [asyncio.create_task(writer.run(is_stopping)) for writer in cast.writers]
        breaking = asyncio.create_task(breaker.carry_out(self.report.plan))
        time_is_over = asyncio.create_task(self._wait(breaking))
        try:
            await asyncio.wait([time_is_over, *writing], return_when=asyncio.FIRST_COMPLETED)
            is_stopping.set()
            if not (self._options.is_ending_at_first and self._findings):
                await asyncio.gather(time_is_over, *writing)
        finally:
            await stop([time_is_over, breaking, *writing])

    async def _wait(self, breaking: "asyncio.Task[None]") -> None:
        """Until the time is over and everything is healed; or until the first violation, where that is wanted."""
        if self._options.is_ending_at_first:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._options.seconds):
                    await self._findings.first.wait()
            return
        await asyncio.sleep(max(0.0, self._began + self._options.seconds - time.monotonic()))
        await breaking

    async def _converge(self, cast: Cast) -> list[str]:
        """Everything is healed: everybody has to get there. Returns who did not."""
        if self._options.is_ending_at_first and self._findings:
            return []
        self._say("everything is healed; the readers catch up")
        for client in cast.clients:
            client.stay()
        deadline = time.monotonic() + CATCH_UP_SECONDS
        target = -1
        while time.monotonic() < deadline and target < 0:
            # What a frozen process still had in hand may come late: the last message is sent when nothing else does.
            before = self._oracle.position
            await asyncio.sleep(2.0)
            if before == self._oracle.position and await cast.writers[0].send_to({"room_id": 0}, "the end"):
                target = before + 1
        while time.monotonic() < deadline and self._behind(cast, target):  # noqa: ASYNC110 - many at once
            await asyncio.sleep(0.1)
        behind = self._behind(cast, target)
        self._counts["readers and pollers who caught up"] = len(cast.clients) - len(behind)
        return behind

    def _behind(self, cast: Cast, target: int) -> list[str]:
        return [client.name for client in cast.clients if not self._oracle.has_caught_up(client.upto, target)]

    async def _compare_the_rest(self) -> None:
        """What came last is compared when the log has been looked at once more."""
        deadline = time.monotonic() + LAST_LOOK_SECONDS
        while not self._oracle.compare() and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)

    async def _judge(self, cluster: Cluster, behind: list[str]) -> None:
        self.report.lateness, self.report.ends = self._oracle.lateness, self._oracle.ends
        ledger = self._oracle.ledger
        self.report.figures = {
            "rows of the log": self._oracle.rows.count,
            "starts of PostgreSQL": cluster.engines.postgres_starts,
            "rows lost by promotions": self._oracle.promotions.lost_rows,
            "events told that were lost already": self._oracle.told_though_lost,
            "messages acknowledged": ledger.messages_acknowledged,
            "messages of unknown fate": ledger.messages_unknown,
            "events compared at readers": self._oracle.compared,
            "memory that the checker took at most, MB": getrusage(RUSAGE_SELF).ru_maxrss // 1024,
        }
        if self._options.is_ending_at_first and self._findings:
            return
        self._oracle.settle(behind)
        most = CONNECTIONS_PER_SERVER * len(cluster.servers)
        for invariant, what in await asyncio.to_thread(check_database, cluster.engines, most):
            self._findings.add(invariant, what)
        self.report.figures["acknowledged writes lost by promotions"] = ledger.acknowledged_lost

    # What goes on all the time

    async def _compare(self, cast: Cast) -> None:
        due = time.monotonic()
        while True:
            await asyncio.sleep(COMPARE_SECONDS)
            due, before = time.monotonic(), due
            if due - before > COMPARE_SECONDS + LAG_SECONDS:
                self._weather.note("checker", before)
                self._counts["times that the checker itself did not run"] += 1
            self._oracle.compare()
            for reader in cast.readers:
                if reader.visit is not None:
                    self._oracle.check_end(reader.visit)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            acknowledged, violations = self._oracle.ledger.messages_acknowledged, sum(self._findings.counts.values())
            self._say(
                f"{acknowledged:,} messages acknowledged, {self._oracle.compared:,} events compared, "
                f"{len(self._oracle.rows):,} rows in hand, {violations} violations"
            )
