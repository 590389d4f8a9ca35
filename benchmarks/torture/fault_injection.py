"""How each fault of the plan is done, and undone."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import redis

from benchmarks.torture.context import Scene
from benchmarks.torture.engines import freeze, kill
from benchmarks.torture.fault_windows import SETTLE_SECONDS
from benchmarks.torture.readers import Reader
from benchmarks.torture.schedule import Fault
from benchmarks.torture.servers import Server

# `serve` drains for up to 13 s (docs/operations.md) and then has to end.
DRAIN_SECONDS = 15.0
RESPAWN_SECONDS = 60.0
# How often a replica has fallen behind when it is promoted, and how far.
LAG_SHARE = 0.75
LONGEST_LAG_SECONDS = 4.0


def settle_seconds(fault: Fault) -> float:
    """How long a fault is felt when it is over."""
    # TCP doubles its pause at each packet that gets lost (RFC 6298): it may wait as long again before it tries.
    return SETTLE_SECONDS + (fault.seconds if fault.kind == "isolate" else 0.0)


class Breaker:
    """Carries the plan out."""

    def __init__(
        self,
        scene: Scene,
        readers: list[Reader],
        counts: Counter[str],
        allowance: float,
        say: Callable[[str], None],
    ) -> None:
        self._oracle = scene.oracle
        self._tail = scene.tail
        self._say = say
        self._engines = scene.cluster.engines
        self._servers = scene.cluster.servers
        self._proxies = scene.cluster.proxies
        self._relays = scene.cluster.relays
        self._readers = readers
        self._weather = scene.oracle.weather
        self._findings = scene.oracle.findings
        self._counts = counts
        self._rng = scene.chance_of("breaker")
        self._allowance = allowance
        # A fault waits for the one before it on the same subject, however long that took.
        self._locks: dict[str, asyncio.Lock] = {}

    async def carry_out(self, plan: list[Fault]) -> None:
        """Until the last fault is healed."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in plan:
                await asyncio.sleep(max(0.0, began + fault.at - time.monotonic()))
                group.create_task(self._break(fault))

    async def _break(self, fault: Fault) -> None:
        async with contextlib.AsyncExitStack() as stack:
            for subject in fault.subjects:
                await stack.enter_async_context(self._locks.setdefault(subject, asyncio.Lock()))
            for subject in fault.subjects:
                stack.enter_context(self._weather.spell(subject, settle_seconds(fault)))
            self._say(f"{fault.kind} {', '.join(fault.subjects)}")
            self._counts[fault.kind] += 1
            do: Callable[[Fault], Awaitable[None]] = getattr(self, "_" + fault.kind.replace("-", "_"))
            await do(fault)

    # Servers

    async def _kill_worker(self, fault: Fault) -> None:
        server = self._servers[fault.server]
        before = server.workers()
        for worker in before:
            kill(worker)
        deadline = time.monotonic() + RESPAWN_SECONDS
        pids = {worker.pid for worker in before}
        while not {worker.pid for worker in server.workers()} - pids or not await server.is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} did not start a new worker within {RESPAWN_SECONDS} s")
            await asyncio.sleep(0.1)

    async def _kill_server(self, fault: Fault) -> None:
        server = self._servers[fault.server]
        await server.kill(only_parent=self._rng.random() < 0.5)
        await asyncio.sleep(fault.seconds)
        await server.start()

    async def _freeze_worker(self, fault: Fault) -> None:
        server = self._servers[fault.server]
        with self._thawed_at_last(freeze([*server.parent(), *server.workers()])):
            await asyncio.sleep(fault.seconds)

    async def _rolling_restart(self, fault: Fault) -> None:
        for server in self._servers:
            seconds = await server.terminate()
            if seconds > DRAIN_SECONDS + self._allowance:
                self._findings.add("I7", f"{server.name} took {seconds:.1f} s to end after SIGTERM")
            await server.start()

    async def _partition(self, fault: Fault) -> None:
        """Between the server and both engines nothing gets through; clients reach it as before."""
        with contextlib.ExitStack() as stack:
            for relay in self._relays:
                stack.enter_context(self._thawed_at_last(relay.release))
                relay.hold()
            await asyncio.sleep(fault.seconds)
            if self._rng.random() < 0.5:
                for relay in self._relays:
                    relay.cut(1.0)
        await self._wait_ready(self._servers[fault.server])

    async def _isolate(self, fault: Fault) -> None:
        namespace = self._servers[fault.server].namespace
        assert namespace is not None
        with self._thawed_at_last(namespace.restore):
            namespace.cut()
            await asyncio.sleep(fault.seconds)
        await self._wait_ready(self._servers[fault.server])

    async def _wait_ready(self, server: Server) -> None:
        deadline = time.monotonic() + RESPAWN_SECONDS
        while not await server.is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} was not ready within {RESPAWN_SECONDS} s")
            await asyncio.sleep(0.1)

    # Redis

    async def _redis_stop(self, fault: Fault) -> None:
        await self._engines.end_valkey()
        await asyncio.sleep(fault.seconds)
        await self._engines.start_valkey()

    async def _redis_flush(self, fault: Fault) -> None:
        await self._tell_redis("FLUSHALL")

    async def _redis_drop(self, fault: Fault) -> None:
        for kind in ("normal", "pubsub"):
            await self._tell_redis("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    async def _tell_redis(self, *command: str) -> None:
        with contextlib.suppress(redis.RedisError):
            await asyncio.to_thread(self._engines.tell_valkey, *command)

    async def _redis_freeze(self, fault: Fault) -> None:
        with self._thawed_at_last(self._engines.freeze_valkey()):
            await asyncio.sleep(fault.seconds)

    # PostgreSQL

    async def _postgres_fast(self, fault: Fault) -> None:
        await self._restart_postgres(signal.SIGINT, fault.seconds)

    async def _postgres_immediate(self, fault: Fault) -> None:
        await self._restart_postgres(signal.SIGQUIT, fault.seconds)

    async def _restart_postgres(self, how: signal.Signals, seconds: float) -> None:
        await self._engines.end_postgres(how)
        await asyncio.sleep(seconds)
        await self._engines.start_postgres()

    async def _postgres_stall(self, fault: Fault) -> None:
        with self._thawed_at_last(self._engines.freeze_postgres()):
            await asyncio.sleep(fault.seconds)

    async def _promote(self, fault: Fault) -> None:
        """The primary dies, and its replica takes its place without what it had not received."""
        assert self._engines.replica is not None
        if self._rng.random() < LAG_SHARE:
            await asyncio.to_thread(self._engines.replica.detach)
            await asyncio.sleep(self._rng.uniform(0.1, min(fault.seconds, LONGEST_LAG_SECONDS)))
        await asyncio.to_thread(self._engines.kill_postgres)
        loss = await asyncio.to_thread(self._engines.promote, self._oracle.position)
        await asyncio.to_thread(self._tail.leave, loss.kept)
        self._oracle.lose(loss)
        self._say(f"promoted at {loss.kept}, without {len(loss.lost_rows)} rows")
        self._engines.open_door()
        await asyncio.to_thread(self._engines.add_replica)

    # The network between clients and servers

    async def _cut(self, fault: Fault) -> None:
        for proxy in self._proxies:
            proxy.cut(self._rng.uniform(0.2, 1.0))

    async def _delay(self, fault: Fault) -> None:
        for proxy in self._proxies:
            proxy.delay_seconds = self._rng.uniform(0.05, 1.0)
        await asyncio.sleep(fault.seconds)
        for proxy in self._proxies:
            proxy.delay_seconds = 0.0

    async def _truncate(self, fault: Fault) -> None:
        for proxy in self._proxies:
            proxy.truncation = self._rng.uniform(0.005, 0.05)
        await asyncio.sleep(fault.seconds)
        for proxy in self._proxies:
            proxy.truncation = 0.0

    async def _hold(self, fault: Fault) -> None:
        proxy = self._rng.choice(self._proxies)
        with self._thawed_at_last(proxy.release):
            proxy.hold()
            await asyncio.sleep(fault.seconds)

    # Readers

    async def _stall_readers(self, fault: Fault) -> None:
        chosen = [reader for reader in self._readers if self._rng.random() < 0.3]
        for reader in chosen:
            reader.stall()
        await asyncio.sleep(fault.seconds)
        for reader in chosen:
            reader.go_on()

    @contextlib.contextmanager
    def _thawed_at_last(self, thaw: Callable[[], None]) -> Iterator[None]:
        try:
            yield
        finally:
            thaw()
