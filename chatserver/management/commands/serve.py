"""`manage.py serve`: the production server. One granian worker per process, each with its pool of REST threads."""

import multiprocessing
import os
import shutil
import threading
import time
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from chatserver.http.client_address import is_loopback
from chatserver.http.metrics import prepare_folder
from chatserver.seeding.demo import try_it
from chatserver.server.granian import DrainingServer
from chatserver.server.lifespan import PARENT_VARIABLE
from chatserver.server.open_files import allow_open_files
from chatserver.server.ports import address_of, reserve_port, resolve, wait_for_listeners

MAX_PORT = 65535


class Command(BaseCommand):
    help = "Serve ChatServer with granian."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="0: one that is free")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes, at most one a core")
        parser.add_argument("--threads", type=int, default=settings.CHAT_THREADS, metavar="N", help="for REST, each")
        parser.add_argument("--demo", action="store_true", help="migrate, seed once, and print what to try")

    def handle(self, *, host: str, port: int, workers: int, threads: int, demo: bool, **_: Any) -> None:
        if workers < 1 or threads < 1:
            raise CommandError("--workers and --threads are 1 or more")
        if not 0 <= port <= MAX_PORT:
            raise CommandError(f"--port is a number from 0 to {MAX_PORT}")
        host = self._resolve(host)
        workers = self._limit(workers)
        files = allow_open_files(settings.CHAT_MAX_STREAMS)
        if files is not None:
            self.stderr.write(
                f"A process may open {files} files, too few for CHAT_MAX_STREAMS={settings.CHAT_MAX_STREAMS}: "
                "each stream is one. Raise the limit (ulimit -n, LimitNOFILE in systemd) or lower the setting."
            )
        reservation = reserve_port(host, port)
        port = reservation.getsockname()[1]
        if demo:
            call_command("migrate", verbosity=0)
            call_command("seed", "--once")
            self._allow_demo_sign_in(host)
        os.environ["CHAT_THREADS"] = str(threads)
        os.environ[PARENT_VARIABLE] = str(os.getpid())
        prepare_folder(settings.DATA_DIR / "metrics" / str(os.getpid()))
        # Workers start afresh: what Django and Prometheus decided on import here is not theirs.
        multiprocessing.set_start_method("spawn", force=True)
        url = address_of(host, port)
        hint = try_it(url + settings.CHAT_BASE_PATH) if demo else ""
        connections.close_all()
        threading.Thread(target=self._tell_when_ready, args=(url, port, workers, hint), daemon=True).start()
        DrainingServer(host, port, workers).serve()
        reservation.close()
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

    def _allow_demo_sign_in(self, address: str) -> None:
        """The demo people have no password. The workers read this setting anew; one that is set stays as it is."""
        name = "CHAT_PASSWORDLESS_LOGIN"
        if settings.DEBUG and is_loopback(address) and not os.environ.get(name, "").strip():
            os.environ[name] = "True"

    def _limit(self, workers: int) -> int:
        """At most one worker for each core: more of them take each other's time, and deliver less together."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if workers > cores:
            self.stdout.write(f"Starting {cores} of {workers} workers: one for each core that this process may use.")
        return min(workers, cores)

    def _tell_when_ready(self, url: str, port: int, workers: int, hint: str) -> None:
        """Print that it listens when every worker does: else the first one would get all the waiting clients."""
        wait_for_listeners(port, workers)
        while True:
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=1).close()  # noqa: S310 - our own address
                break
            except OSError:
                time.sleep(0.05)
        self.stdout.write(f"{hint}Listening on {url}")
        self.stdout.flush()
