"""The start and the end of a server process, by the lifespan protocol of ASGI and by signals."""

import asyncio
import gc
import os
import signal
import sys

import structlog

from chatserver.http.asgi_types import Receive, Scope, Send
from chatserver.server.runtime import Runtime
from chatserver.server.tcp_timeouts import give_up_vanished_clients
from chatserver.server.wsgi_pool import WsgiPool

# `serve` names itself to its workers by this environment variable.
PARENT_VARIABLE = "CHAT_SERVE_PID"
PARENT_CHECK_SECONDS = 0.25
SWITCH_INTERVAL_SECONDS = 0.001
GARBAGE_THRESHOLDS = (10_000, 20, 50)

logger = structlog.get_logger(__name__)


class Lifespan:
    """Starts what runs beside the requests, and drains it before the process stops."""

    def __init__(self, runtime: Runtime, rest: WsgiPool) -> None:
        self._runtime = runtime
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        self._runtime.ensure_started()
        _tune_interpreter()
        self._drain_on(signal.SIGUSR1, signal.SIGTERM)
        watches = [asyncio.create_task(work) for work in (_end_with_parent(), give_up_vanished_clients())]
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        for watch in watches:
            watch.cancel()
        await self._runtime.stop()
        # Not in the loop, which has the answers of these requests to send.
        await asyncio.to_thread(self._rest.close)
        await send({"type": "lifespan.shutdown.complete"})

    def _drain_on(self, *signals: signal.Signals) -> None:
        """Drain at the first of these signals, sent by `serve` alone or by an init system to every process."""
        if PARENT_VARIABLE in os.environ:
            # Ctrl-C goes to the whole group of a terminal. Here it would end the process undrained; `serve` drains it.
            os.setpgid(0, 0)
        loop = asyncio.get_running_loop()
        drains: list[asyncio.Task[None]] = []

        def begin() -> None:
            if not drains:
                drains.append(loop.create_task(self._drain_and_stop()))

        for number in signals:
            loop.add_signal_handler(number, begin)

    async def _drain_and_stop(self) -> None:
        await self._runtime.drain()
        # Granian's own handler: stop listening, finish what runs, exit. Once only: called again meanwhile it hangs.
        os.kill(os.getpid(), signal.SIGINT)


def _tune_interpreter() -> None:
    """Settings of Python for many streams beside busy threads."""
    # A thread that wants to run waits this long for another that computes; the default, 5 ms, is a long time for the
    # event loop. Garbage is collected less often, and never among what was there at the start and stays.
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


async def _end_with_parent() -> None:
    """End at once when the `serve` that started this process was killed: an orphan would keep the port."""
    parent = int(os.environ.get(PARENT_VARIABLE, os.getppid()))
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing notifies a process that its parent has gone
        await asyncio.sleep(PARENT_CHECK_SECONDS)
    logger.error("parent_killed")
    os._exit(1)
