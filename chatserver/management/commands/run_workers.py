"""`manage.py run_workers`: the durable readers and the delivery of webhooks, without serving requests."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from prometheus_client import start_http_server

from chatserver.server.workers import Workers
from chatserver.storage.postgres.deadlines import deadlines


class Command(BaseCommand):
    help = "Deliver webhooks, beside `serve` with CHAT_SERVE_WEBHOOKS=False. Any number of these share the work."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--metrics-host", default="127.0.0.1", help="where its metrics are served")
        parser.add_argument("--metrics-port", type=int, metavar="N", help="left out: nowhere")

    def handle(self, *, metrics_host: str, metrics_port: int | None, **_: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        if metrics_port is not None:
            start_http_server(metrics_port, metrics_host)
        deadlines.start()
        workers = Workers(delivers_webhooks=True)
        workers.start()
        self.stdout.write("Working")
        self.stdout.flush()
        ended.wait()
        workers.stop()
