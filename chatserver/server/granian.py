"""Granian, with a drain, and with a reload that loses no client."""

import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from granian._granian import SocketHolder
from granian._internal import load_target
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess
from prometheus_client.multiprocess import mark_process_dead

from chatserver.config.logging import logging_config
from chatserver.server.open_files import SPARE_CONNECTIONS, max_connections
from chatserver.server.worker_states import LISTENING, READY, REPLACING_VARIABLE, forget_states, has_entered

# Connections that the kernel holds while a worker is busy: a storm of streams that come back fits in.
BACKLOG = 4096
# What a worker may take to drain and exit; the documented limit is 15 s.
DRAIN_SECONDS = 13
# All workers listen within this, if they ever do.
LISTEN_SECONDS = 30.0
# New workers that are not ready within this are given up, and the old ones stay.
RELOAD_SECONDS = 60.0
WORKER_POLL_SECONDS = 0.05
# Granian adds a handler of its own to its logger otherwise.
LOGGING = {"loggers": {"_granian": {"level": "WARNING", "propagate": True}}}

logger = structlog.get_logger(__name__)


class DrainingServer(MPServer):
    """Granian alone would only wait for open streams, without notifying the application.

    `sockets` are bound already: worker n has socket n, and so has the one that takes its place. `files` is the limit
    on open files.
    """

    def __init__(self, sockets: list[socket.socket], workers: int, files: int) -> None:
        host, port = sockets[0].getsockname()[:2]
        super().__init__(
            "chatserver.asgi:application",
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            workers=workers,
            loop=Loops.uvloop,
            # To be ready for HTTP/2 without TLS, which no browser speaks, would cost each stream 10 KB.
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=min(settings.CHAT_MAX_STREAMS + SPARE_CONNECTIONS, max_connections(files)),
            log_level=LogLevels.warning,
            log_dictconfig=LOGGING,
            respawn_failed_workers=True,
            respawn_interval=0.5,
        )
        self._sockets = sockets
        self._leaving: list[threading.Thread] = []
        self._has_terminal = _has_terminal()
        # Below nohup.
        self._survives_hangup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

    def wait_for_listeners(self) -> None:
        """Wait until every worker listens, within a limit: one of them may fail at every start."""
        deadline = time.monotonic() + LISTEN_SECONDS
        while time.monotonic() < deadline:
            if len(self.wrks) == self.workers and _have_entered(LISTENING, list(self.wrks)):
                return
            time.sleep(WORKER_POLL_SECONDS)

    def signal_handler_interrupt(self, *_: Any, **__: Any) -> None:
        """End, once. A second signal may interrupt this very handler, and would wait for a lock that it holds."""
        if not self.interrupt_signal:
            self.interrupt_signal = True
            threading.Thread(target=self.main_loop_interrupt.set).start()

    def signal_handler_reload(self, *_: Any, **__: Any) -> None:
        """SIGHUP: somebody wants new workers, or the terminal was closed, and that is an end."""
        had_terminal, self._has_terminal = self._has_terminal, _has_terminal()
        if self._has_terminal or not had_terminal:
            self.reload_signal = True
            threading.Thread(target=self.main_loop_interrupt.set).start()
        elif not self._survives_hangup:
            self.signal_handler_interrupt()

    def _init_shared_socket(self) -> None:
        self._ssp = None
        for bound in self._sockets:
            # Not before: a second server that starts now must not share the port. Connections have it from here, and
            # may outlive a server that was killed.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.listen(BACKLOG)

    def _drop_shared_socket(self) -> None:
        for bound in self._sockets:
            bound.close()

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:  # type: ignore[override]  # as granian's own
        self._sso = self._sockets[idx % len(self._sockets)]
        holder: Any = SocketHolder  # its stub lacks the arguments
        self._shd = holder(self._sso.fileno(), False, BACKLOG)
        return super()._spawn_worker(idx, target, callback_loader)

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:
        """Replace all workers. They load code and settings anew; where they do not get ready, the old ones stay."""
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        fresh = [self._spawn_worker(idx, spawn_target, target_loader) for idx in range(self.workers)]
        os.environ[REPLACING_VARIABLE] = "True"
        for worker in fresh:
            worker.interrupt_by_parent = True  # one that fails is not started again
            worker.start()
        del os.environ[REPLACING_VARIABLE]
        if not self._get_ready(fresh):
            self._retire(fresh)
            logger.error("reload_failed", hint="the old workers go on; what they could not load is above")
            return
        old, self.wrks[:] = list(self.wrks), fresh
        # Of the old ones, which need none any more.
        self.interrupt_children.clear()
        for worker in fresh:
            worker.interrupt_by_parent = False
            if not worker.is_alive():
                self.interrupt_children.append(worker.idx)
                self.main_loop_interrupt.set()
        self._retire(old)
        logger.info("reloaded", workers=len(fresh))

    def _retire(self, workers: list[WorkerProcess]) -> None:
        """Have workers hand their clients over to the others. Those that do not listen yet have none."""
        for worker in workers:
            if _have_entered(LISTENING, [worker]):
                _signal(worker, signal.SIGUSR2)
            else:
                worker.kill()
        leaving = threading.Thread(target=_wait_for_end, args=(workers,))
        leaving.start()
        self._leaving = [*(thread for thread in self._leaving if thread.is_alive()), leaving]

    def _get_ready(self, fresh: list[WorkerProcess]) -> bool:
        deadline = time.monotonic() + RELOAD_SECONDS
        while not _have_entered(READY, fresh):
            is_hopeless = time.monotonic() > deadline or not all(worker.is_alive() for worker in fresh)
            if is_hopeless or self.interrupt_signal:
                return False
            time.sleep(WORKER_POLL_SECONDS)
        return True

    def _respawn_workers(self, workers: list[int], *arguments: Any, **options: Any) -> None:
        for index in workers:
            _forget(self.wrks[index])
        super()._respawn_workers(workers, *arguments, **options)

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            # The worker ends its streams, and then itself as if granian had asked it to (see lifespan.py).
            _signal(worker, signal.SIGUSR1)
        _wait_for_end(self.wrks)
        for thread in self._leaving:
            thread.join()
        self.wrks.clear()


def load_application(target: str, log_format: str) -> Any:
    """The application, in a worker. One that can't be loaded is a line in the log, and the end of the worker."""
    try:
        return load_target(target)
    except Exception as error:
        logging_config("INFO", log_format)
        logger.error("worker_failed", error=error, exc_info=not isinstance(error, ImproperlyConfigured))
        sys.exit(1)


def _have_entered(state: str, workers: list[WorkerProcess]) -> bool:
    return all(has_entered(state, worker.inner.pid) for worker in workers)


def _signal(worker: WorkerProcess, number: signal.Signals) -> None:
    worker.interrupt_by_parent = True
    with suppress(ProcessLookupError):
        os.kill(worker.inner.pid, number)


def _wait_for_end(workers: list[WorkerProcess]) -> None:
    """Wait for workers that were asked to end, and kill those that take too long."""
    for worker in workers:
        worker.join(DRAIN_SECONDS)
        if worker.is_alive():
            worker.kill()
            worker.join()
        _forget(worker)


def _forget(worker: WorkerProcess) -> None:
    # Its gauges (open streams, position) would be counted for ever.
    mark_process_dead(worker.inner.pid)
    forget_states(worker.inner.pid)


def _has_terminal() -> bool:
    """Whether a terminal controls this process. A closed one does not any more."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
