"""`manage.py serve`: the production server. One granian worker per process, each with its pool of REST threads."""

import contextlib
import errno
import multiprocessing
import os
import shutil
import signal
import socket
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer
from prometheus_client.multiprocess import mark_process_dead

from chatserver.seeding.demo import try_it

# Connections that the kernel holds while a worker is busy: a storm of streams that come back fits in.
BACKLOG = 4096
# Streams and requests at once in a worker. Granian's own default (1,024) would leave further ones hanging in silence.
SPARE_REQUESTS = 2_000
# What a worker may take to drain and end; the documented limit is 15 s.
DRAIN_SECONDS = 13
# All workers listen within this, if they ever do.
LISTEN_SECONDS = 30.0
# The workers of a killed server give the port back within this.
PORT_SECONDS = 2.0
MAX_PORT = 65535


class DrainingServer(MPServer):
    """Granian, with a drain: it would only wait for open streams, and tells the application nothing."""

    survives_hangup = False

    def signal_handler_interrupt(self, *_: Any, **__: Any) -> None:
        """End, once. A second signal may interrupt this very handler, and would wait for a lock that it holds."""
        if not self.interrupt_signal:
            self.interrupt_signal = True
            threading.Thread(target=self.main_loop_interrupt.set).start()

    def signal_handler_reload(self, *_: Any, **__: Any) -> None:
        """The terminal was closed (SIGHUP): that is an end, too, except below nohup."""
        if not self.survives_hangup:
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
                # The worker says bye to its streams, and then ends as if granian had asked it to (see asgi.py).
                os.kill(worker.inner.pid, signal.SIGUSR1)
        for worker in self.wrks:
            worker.join(DRAIN_SECONDS)
            if worker.is_alive():
                worker.kill()
                worker.join()
        self.wrks.clear()


class Command(BaseCommand):
    help = "Serve ChatServer with granian."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="0: one that is free")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
        parser.add_argument("--threads", type=int, default=settings.CHAT_THREADS, metavar="N", help="for REST, each")
        parser.add_argument("--demo", action="store_true", help="migrate, seed once, and print what to try")

    def handle(self, *, host: str, port: int, workers: int, threads: int, demo: bool, **_: Any) -> None:
        if workers < 1 or threads < 1:
            raise CommandError("--workers and --threads are 1 or more")
        if not 0 <= port <= MAX_PORT:
            raise CommandError(f"--port is a number from 0 to {MAX_PORT}")
        host = resolve(host)
        reservation = reserve_port(host, port)
        port = reservation.getsockname()[1]
        if demo:
            call_command("migrate", verbosity=0)
            call_command("seed", "--once")
        os.environ["CHAT_THREADS"] = str(threads)
        os.environ["CHAT_SERVE_PID"] = str(os.getpid())
        prepare_metrics(settings.DATA_DIR / "metrics" / str(os.getpid()))
        # Workers start afresh: what Django and Prometheus decided on import here is not theirs.
        multiprocessing.set_start_method("spawn", force=True)
        url = address_of(host, port)
        hint = try_it(url) if demo else ""
        connections.close_all()
        threading.Thread(target=self._tell_when_ready, args=(url, port, workers, hint), daemon=True).start()
        server = DrainingServer(
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
        server.survives_hangup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        server.serve()
        reservation.close()
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)

    def _tell_when_ready(self, url: str, port: int, workers: int, hint: str) -> None:
        """Say so when every worker listens: else the first one would get all the clients that wait for this line."""
        wait_for_listeners(port, workers)
        while True:
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=1).close()  # noqa: S310 - our own address
                break
            except OSError:
                time.sleep(0.05)
        self.stdout.write(f"{hint}Listening on {url}")
        self.stdout.flush()


def resolve(host: str) -> str:
    """The address of a host, which may be a name; granian takes addresses alone. CommandError where there is none."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except (socket.gaierror, UnicodeError) as error:
        raise CommandError(f"--host {host} has no address: {error}") from error


def reserve_port(host: str, port: int) -> socket.socket:
    """Hold the port for the workers, who all listen on it. CommandError where somebody else keeps it."""
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        try:
            return bind_port(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise CommandError(
                    f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port (make run PORT=…)"
                ) from error
        time.sleep(0.1)


def bind_port(host: str, port: int) -> socket.socket:
    """A socket that is bound so that others of ours may join. OSError where somebody listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # Without SO_REUSEPORT, so that another server on this port is noticed instead of joined.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        port = probe.getsockname()[1]
    reservation = socket.socket(family)
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reservation.bind((host, port))
    return reservation


def wait_for_listeners(port: int, count: int) -> None:
    """Wait until so many child processes listen on the port, within a limit: one of them may start in vain for ever."""
    deadline = time.monotonic() + LISTEN_SECONDS
    # Where a system does not let us look, the first one that answers has to do.
    with contextlib.suppress(psutil.AccessDenied):
        while count_listeners(port) < count and time.monotonic() < deadline:
            time.sleep(0.05)


def count_listeners(port: int) -> int:
    """How many child processes of this one listen on the port."""
    count = 0
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            count += any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
                for connection in child.net_connections("tcp")
            )
    return count


def address_of(host: str, port: int) -> str:
    """Where this machine itself reaches the server, which may listen on all addresses."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def prepare_metrics(folder: Path) -> None:
    """A fresh folder through which the workers add up their metrics. Those of servers that were killed go."""
    for other in folder.parent.glob("[0-9]*"):
        if other == folder or not psutil.pid_exists(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
