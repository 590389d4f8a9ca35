"""Granian, with a drain."""

import contextlib
import os
import signal
import threading
from typing import Any

from django.conf import settings
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer
from prometheus_client.multiprocess import mark_process_dead

# Connections that the kernel holds while a worker is busy: a storm of streams that come back fits in.
BACKLOG = 4096
# Requests at once in a worker besides its streams. Granian's own default, 1,024 in all, would leave further ones
# hanging without an answer.
SPARE_REQUESTS = 2_000
# What a worker may take to drain and exit; the documented limit is 15 s.
DRAIN_SECONDS = 13


class DrainingServer(MPServer):
    """Granian alone would only wait for open streams, without notifying the application."""

    def __init__(self, host: str, port: int, workers: int) -> None:
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
            backpressure=settings.CHAT_MAX_STREAMS + SPARE_REQUESTS,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            respawn_interval=0.5,
        )
        # Below nohup.
        self._survives_hangup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

    def signal_handler_interrupt(self, *_: Any, **__: Any) -> None:
        """End, once. A second signal may interrupt this very handler, and would wait for a lock that it holds."""
        if not self.interrupt_signal:
            self.interrupt_signal = True
            threading.Thread(target=self.main_loop_interrupt.set).start()

    def signal_handler_reload(self, *_: Any, **__: Any) -> None:
        """The terminal was closed (SIGHUP): that is an end, too."""
        if not self._survives_hangup:
            self.signal_handler_interrupt()

    def _respawn_workers(self, workers: list[int], *arguments: Any, **options: Any) -> None:
        for index in workers:
            # Its gauges (open streams, position) would be counted for ever.
            mark_process_dead(self.wrks[index].inner.pid)
        super()._respawn_workers(workers, *arguments, **options)

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            worker.interrupt_by_parent = True
            with contextlib.suppress(ProcessLookupError):
                # The worker ends its streams, and then itself as if granian had asked it to (see lifespan.py).
                os.kill(worker.inner.pid, signal.SIGUSR1)
        for worker in self.wrks:
            worker.join(DRAIN_SECONDS)
            if worker.is_alive():
                worker.kill()
                worker.join()
        self.wrks.clear()
