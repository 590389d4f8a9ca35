"""How each fault of the schedule is done, and undone."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import redis

from benchmarks.processes.program import Program
from benchmarks.processes.progress import say
from benchmarks.processes.server import Server
from benchmarks.torture.context import Context
from benchmarks.torture.fault_windows import SETTLE_SECONDS
from benchmarks.torture.log_watcher import LogWatcher
from benchmarks.torture.readers import Reader
from benchmarks.torture.schedule import Fault

# `serve` drains for up to 13 s (docs/operations.md) and then has to end.
DRAIN_SECONDS = 15.0
RESPAWN_SECONDS = 60.0
# How often a replica has fallen behind when it is promoted, and how far.
LAG_SHARE = 0.75
LONGEST_LAG_SECONDS = 4.0
# The second as in a crash, with a recovery at the next start.
SHUTDOWNS = {"postgres-fast": signal.SIGINT, "postgres-immediate": signal.SIGQUIT}


class FaultInjector:
    """Carries the schedule out. `counts` has how often each kind was done."""

    def __init__(self, context: Context, watcher: LogWatcher, readers: list[Reader], allowance: float) -> None:
        self.counts: Counter[str] = Counter()
        self._oracle = context.oracle
        self._watcher = watcher
        self._cluster = context.cluster
        self._engines = context.cluster.engines
        self._readers = readers
        self._rng = context.rng_of("breaker")
        self._drain_seconds = DRAIN_SECONDS + allowance
        # A fault waits for the one before it on the same subject, however long that took.
        self._locks: dict[str, asyncio.Lock] = {}

    async def carry_out(self, schedule: list[Fault]) -> None:
        """Until the last fault is healed."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in schedule:
                await asyncio.sleep(max(0.0, began + fault.at - time.monotonic()))
                group.create_task(self._inject(fault))

    async def _inject(self, fault: Fault) -> None:
        async with contextlib.AsyncExitStack() as stack:
            for subject in fault.subjects:
                await stack.enter_async_context(self._locks.setdefault(subject, asyncio.Lock()))
            # TCP doubles its pause at each packet that gets lost (RFC 6298): it may wait as long again before it tries.
            settle = SETTLE_SECONDS + (fault.seconds if fault.kind == "isolate" else 0.0)
            for subject in fault.subjects:
                stack.enter_context(self._oracle.windows.open(subject, settle))
            say(f"{fault.kind} {', '.join(fault.subjects)}")
            self.counts[fault.kind] += 1
            do: Callable[[Fault], Awaitable[None]] = getattr(self, "_" + fault.kind.replace("-", "_"))
            await do(fault)

    async def _freeze(self, program: Program, fault: Fault) -> None:
        with program.frozen():
            await asyncio.sleep(fault.seconds)

    # Servers

    async def _kill_worker(self, fault: Fault) -> None:
        server = self._cluster.servers[fault.server]
        before = server.worker_processes()
        for worker in before:
            worker.kill()
        pids = {worker.pid for worker in before}
        await self._wait_ready(server, lambda: bool({worker.pid for worker in server.worker_processes()} - pids))

    async def _kill_server(self, fault: Fault) -> None:
        server = self._cluster.servers[fault.server]
        await asyncio.to_thread(server.kill_parent if self._rng.random() < 0.5 else server.kill)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(server.start)

    async def _freeze_worker(self, fault: Fault) -> None:
        await self._freeze(self._cluster.servers[fault.server], fault)

    async def _rolling_restart(self, fault: Fault) -> None:
        for server in self._cluster.servers:
            seconds = await asyncio.to_thread(server.stop)
            if seconds > self._drain_seconds:
                self._oracle.violations.add("I7", f"{server.name} took {seconds:.1f} s to end after SIGTERM")
            await asyncio.to_thread(server.start)

    async def _partition(self, fault: Fault) -> None:
        """Between the server and both engines nothing gets through; clients reach it as before."""
        relays = self._cluster.relays
        with contextlib.ExitStack() as stack:
            for relay in relays:
                stack.enter_context(relay.held())
            await asyncio.sleep(fault.seconds)
            for relay in relays if self._rng.random() < 0.5 else ():
                relay.cut(1.0)
        await self._wait_ready(self._cluster.servers[fault.server])

    async def _isolate(self, fault: Fault) -> None:
        assert self._cluster.namespace is not None
        with self._cluster.namespace.cut():
            await asyncio.sleep(fault.seconds)
        await self._wait_ready(self._cluster.servers[fault.server])

    async def _wait_ready(self, server: Server, also: Callable[[], bool] = lambda: True) -> None:
        deadline = time.monotonic() + RESPAWN_SECONDS
        while not also() or not await asyncio.to_thread(server.is_ready):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} was not ready within {RESPAWN_SECONDS} s")
            await asyncio.sleep(0.1)

    # Redis

    async def _redis_stop(self, fault: Fault) -> None:
        await asyncio.to_thread(self._engines.valkey.stop)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(self._engines.valkey.start)

    async def _redis_freeze(self, fault: Fault) -> None:
        await self._freeze(self._engines.valkey, fault)

    async def _redis_flush(self, fault: Fault) -> None:
        with contextlib.suppress(redis.RedisError):
            await asyncio.to_thread(self._engines.valkey.execute, "FLUSHALL")

    async def _redis_drop(self, fault: Fault) -> None:
        for kind in ("normal", "pubsub"):
            with contextlib.suppress(redis.RedisError):
                await asyncio.to_thread(self._engines.valkey.execute, "CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    # PostgreSQL

    async def _restart_postgres(self, fault: Fault) -> None:
        await asyncio.to_thread(self._engines.postgres.stop, SHUTDOWNS[fault.kind])
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(self._engines.start_postgres)

    _postgres_fast = _postgres_immediate = _restart_postgres

    async def _postgres_stall(self, fault: Fault) -> None:
        await self._freeze(self._engines.postgres, fault)

    async def _promote(self, fault: Fault) -> None:
        """The primary dies, and its replica takes its place without what it had not received."""
        assert self._engines.replica is not None
        if self._rng.random() < LAG_SHARE:
            await asyncio.to_thread(self._engines.replica.detach)
            await asyncio.sleep(self._rng.uniform(0.1, min(fault.seconds, LONGEST_LAG_SECONDS)))
        await asyncio.to_thread(self._engines.kill_primary)
        loss = await asyncio.to_thread(self._engines.promote, self._oracle.history.now.position)
        await asyncio.to_thread(self._watcher.promoted, loss.kept)
        self._oracle.lose(loss)
        say(f"promoted at {loss.kept}, without {len(loss.lost_rows)} rows")
        self._engines.open_link()
        await asyncio.to_thread(self._engines.add_replica)

    # The network between clients and servers

    async def _cut(self, fault: Fault) -> None:
        for proxy in self._cluster.proxies:
            proxy.cut(self._rng.uniform(0.2, 1.0))

    async def _delay(self, fault: Fault) -> None:
        await self._disturb("delay_seconds", 0.05, 1.0, fault.seconds)

    async def _truncate(self, fault: Fault) -> None:
        await self._disturb("truncation", 0.005, 0.05, fault.seconds)

    async def _disturb(self, what: str, least: float, most: float, seconds: float) -> None:
        for proxy in self._cluster.proxies:
            setattr(proxy, what, self._rng.uniform(least, most))
        await asyncio.sleep(seconds)
        for proxy in self._cluster.proxies:
            setattr(proxy, what, 0.0)

    async def _hold(self, fault: Fault) -> None:
        with self._rng.choice(self._cluster.proxies).held():
            await asyncio.sleep(fault.seconds)

    # Readers

    async def _stall_readers(self, fault: Fault) -> None:
        chosen = [reader for reader in self._readers if self._rng.random() < 0.3]
        for reader in chosen:
            reader.may_read.clear()
        await asyncio.sleep(fault.seconds)
        for reader in chosen:
            reader.may_read.set()
