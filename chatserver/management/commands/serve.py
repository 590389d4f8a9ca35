"""`manage.py serve`: the production server. One granian worker per process, each with its pool of REST threads."""

import multiprocessing
import os
import shutil
import threading
import time
import urllib.request
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from chatserver.http.client_address import is_loopback
from chatserver.http.metrics import prepare_folder
from chatserver.seeding.demo import try_it
from chatserver.server.granian import DrainingServer, load_application
from chatserver.server.lifespan import PARENT_VARIABLE
from chatserver.server.open_files import allow_open_files, max_streams
from chatserver.server.ports import address_of, bind_sockets, resolve

MAX_PORT = 65535

logger = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Serve ChatServer with granian."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="0: one that is free")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes, at most one a core")
        parser.add_argument("--threads", type=int, metavar="N", help="for REST, each; CHAT_THREADS, if left out")
        parser.add_argument("--demo", action="store_true", help="migrate, seed once, and print what to try")

    def handle(self, *, host: str, port: int, workers: int, threads: int | None, demo: bool, **_: Any) -> None:
        if workers < 1 or (threads is not None and threads < 1):
            raise CommandError("--workers and --threads are 1 or more")
        if not 0 <= port <= MAX_PORT:
            raise CommandError(f"--port is a number from 0 to {MAX_PORT}")
        host = self._resolve(host)
        workers = self._limit(workers)
        files = allow_open_files()
        streams = max_streams(files)
        if streams < settings.CHAT_MAX_STREAMS:
            hint = "each stream is an open file: raise the limit (ulimit -n, LimitNOFILE) or lower CHAT_MAX_STREAMS"
            logger.warning("few_open_files", files=files, streams=streams, hint=hint)
        sockets = bind_sockets(host, port, workers)
        port = sockets[0].getsockname()[1]
        if demo:
            call_command("migrate", verbosity=0)
            call_command("seed", "--once")
        from_file = {name: os.environ.pop(name) for name in settings.NAMES_FROM_FILE if name in os.environ}
        if demo:
            self._allow_demo_sign_in(host, from_file)
        if threads is not None:
            os.environ["CHAT_THREADS"] = str(threads)
        os.environ[PARENT_VARIABLE] = str(os.getpid())
        prepare_folder(settings.DATA_DIR / "metrics" / str(os.getpid()))
        # Workers start afresh: what Django and Prometheus decided on import here is not theirs.
        multiprocessing.set_start_method("spawn", force=True)
        url = address_of(host, port)
        hint = try_it(url + settings.CHAT_BASE_PATH) if demo else ""
        connections.close_all()
        server = DrainingServer(sockets, workers, files)
        threading.Thread(target=self._tell_when_ready, args=(server, url, hint), daemon=True).start()
        server.serve(target_loader=partial(load_application, log_format=settings.LOG_FORMAT))
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)

    def _resolve(self, host: str) -> str:
        """The address to listen on. CommandError where others could reach a server in development."""
        address = resolve(host)
        if settings.DEBUG and not is_loopback(address):
            raise CommandError(
                f"--host {host} is for other machines to reach, and DEBUG=True is for this one alone: "
                "set DEBUG=False, SECRET_KEY and ALLOWED_HOSTS, or leave --host out."
            )
        return address

    def _allow_demo_sign_in(self, address: str, from_file: dict[str, str]) -> None:
        """The demo people have no password. The workers read this setting anew; one that is set stays as it is."""
        name = "CHAT_PASSWORDLESS_LOGIN"
        if settings.DEBUG and is_loopback(address) and not os.environ.get(name, from_file.get(name, "")).strip():
            os.environ[name] = "True"

    def _limit(self, workers: int) -> int:
        """At most one worker for each core: more of them take each other's time, and deliver less together."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if workers > cores:
            self.stdout.write(f"Starting {cores} of {workers} workers: one for each core that this process may use.")
        return min(workers, cores)

    def _tell_when_ready(self, server: DrainingServer, url: str, hint: str) -> None:
        """Print that it listens when every worker does."""
        server.wait_for_listeners()
        while True:
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=1).close()  # noqa: S310 - our own address
                break
            except OSError:
                time.sleep(0.05)
        self.stdout.write(f"{hint}Listening on {url}")
        self.stdout.flush()
