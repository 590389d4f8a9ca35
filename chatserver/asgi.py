"""The two doors of a server process: streams go to their consumer, everything else to Django in a pool of threads."""

import asyncio
import gc
import os
import signal
import sys

# This sets Django up: what follows may import models.
from chatserver.wsgi import application as wsgi_application

# isort: split
import structlog
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from chats.stream.dialects import API, LEGACY
from chats.stream.endpoint import StreamEndpoint
from chats.stream.server import StreamServer
from chatserver.http import probes
from chatserver.http.asgi_types import Receive, Scope, Send
from chatserver.http.cooperative_routes import cooperative_routes
from chatserver.http.problems import stream_error_body
from chatserver.legacy.base import legacy_error_body
from chatserver.server.tcp_timeouts import give_up_vanished_clients
from chatserver.server.wsgi_pool import WsgiPool

logger = structlog.get_logger(__name__)

PARENT_SECONDS = 0.25
SWITCH_SECONDS = 0.001
GARBAGE_THRESHOLDS = (10_000, 20, 50)


server = StreamServer()
rest = WsgiPool(wsgi_application, settings.CHAT_THREADS, cooperative_routes())


async def rest_door(scope: Scope, receive: Receive, send: Send) -> None:
    """Everything that is no stream."""
    server.ensure_started()
    await rest(scope, receive, send)


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """Start with the process, and drain it before it stops."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            server.ensure_started()
            _tune_interpreter()
            _drain_on(signal.SIGUSR1, signal.SIGTERM)
            watches = [asyncio.create_task(work) for work in (_end_with_parent(), give_up_vanished_clients())]
            await send({"type": "lifespan.startup.complete"})
        else:
            for watch in watches:
                watch.cancel()
            await server.stop()
            # Not in the loop, which has the answers of these requests to send.
            await asyncio.to_thread(rest.close)
            await send({"type": "lifespan.shutdown.complete"})
            return


def _tune_interpreter() -> None:
    """Settings of Python for many streams beside busy threads."""
    # A thread that wants to run waits this long for another that computes; the default, 5 ms, is a long time for the
    # event loop. Garbage is looked for less often, and never among what was there at the start and stays.
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


async def _end_with_parent() -> None:
    """End at once when the `serve` that started this one was killed: an orphan would keep the port."""
    parent = int(os.environ.get("CHAT_SERVE_PID", os.getppid()))
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody tells a process that its parent has gone
        await asyncio.sleep(PARENT_SECONDS)
    logger.error("parent_killed")
    os._exit(1)


def _drain_on(*signals: signal.Signals) -> None:
    """Drain at the first of these signals, whoever sends it: `serve` alone, or an init system to every process."""
    if "CHAT_SERVE_PID" in os.environ:
        # Ctrl-C goes to the whole group of a terminal. Here it would end the process undrained; `serve` speaks for it.
        os.setpgid(0, 0)
    loop = asyncio.get_running_loop()
    drains: list[asyncio.Task[None]] = []

    async def drain_and_stop() -> None:
        await server.drain()
        # Granian's own handler: stop listening, end what runs, leave. Once only: called again meanwhile it hangs.
        os.kill(os.getpid(), signal.SIGINT)

    def begin() -> None:
        if not drains:
            drains.append(loop.create_task(drain_and_stop()))

    for number in signals:
        loop.add_signal_handler(number, begin)


probes.is_draining = lambda: server.is_draining


# By the whole path: a table of patterns would be tried one after the other for each request.
api_stream = StreamEndpoint(server, API, stream_error_body)
legacy_stream = StreamEndpoint(server, LEGACY, legacy_error_body)
STREAMS = {
    "/api/v1/stream": api_stream,
    "/api/v1/stream/": api_stream,
    "/stream": legacy_stream,
    "/stream/": legacy_stream,
}


async def http_door(scope: Scope, receive: Receive, send: Send) -> None:
    """To a stream, or to everything else."""
    await STREAMS.get(scope["path"], rest_door)(scope, receive, send)


application = ProtocolTypeRouter({"http": http_door, "lifespan": lifespan})
