"""The start and the end of a server process, by the lifespan protocol of ASGI and by signals."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine

import structlog

from chatserver.http.asgi_types import Receive, Scope, Send
from chatserver.server.listening_sockets import stop_accepting
from chatserver.server.runtime import Runtime
from chatserver.server.tcp_timeouts import give_up_vanished_clients
from chatserver.server.worker_states import LISTENING, READY, REPLACING_VARIABLE, enter_state
from chatserver.server.wsgi_pool import WsgiPool

# `serve` names itself to its workers by this environment variable.
PARENT_VARIABLE = "CHAT_SERVE_PID"
PARENT_CHECK_SECONDS = 0.25
# How long the start waits for the database before requests are accepted without it.
START_SECONDS = 3.0
# A process that was replaced answers for so long on connections that are open, and closes each behind its answer.
HAND_OVER_SECONDS = 5.0
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
        self._end_on_signals()
        works = (_end_with_parent(), give_up_vanished_clients(), self._tell_when_ready())
        watches = [asyncio.create_task(work) for work in works]
        # Else the first streams would be refused. Requests are answered without the database, too; but where other
        # workers answer already, this one may have the wrong database, and would take clients from them.
        await asyncio.wait([watches[-1]], timeout=None if REPLACING_VARIABLE in os.environ else START_SECONDS)
        enter_state(LISTENING)
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        for watch in watches:
            watch.cancel()
        await self._runtime.stop()
        # Not in the loop, which has the answers of these requests to send.
        await asyncio.to_thread(self._rest.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _tell_when_ready(self) -> None:
        await self._runtime.started.wait()
        enter_state(READY)

    def _end_on_signals(self) -> None:
        """End at the first of these signals, sent by `serve` alone or by an init system to every process."""
        if PARENT_VARIABLE in os.environ:
            # Ctrl-C goes to the whole group of a terminal. Here it would end the process undrained; `serve` drains it.
            os.setpgid(0, 0)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        loop = asyncio.get_running_loop()
        ends: list[asyncio.Task[None]] = []

        def begin(work: Callable[[], Coroutine[None, None, None]]) -> None:
            if not ends:
                ends.append(loop.create_task(self._end_after(work)))

        loop.add_signal_handler(signal.SIGUSR1, begin, self._runtime.drain)
        loop.add_signal_handler(signal.SIGTERM, begin, self._runtime.drain)
        loop.add_signal_handler(signal.SIGUSR2, begin, self._hand_over)

    async def _hand_over(self) -> None:
        """Another process has taken our place. Clients that are connected here move there, and none is refused."""
        stop_accepting()
        self._rest.ends_connections = True
        await asyncio.gather(self._runtime.hand_over(), asyncio.sleep(HAND_OVER_SECONDS))

    async def _end_after(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        await work()
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
