"""Metrics of REST for Prometheus, and the folder through which the workers of a server sum up theirs."""

import os
import shutil
from pathlib import Path

import psutil
from prometheus_client import Counter, Gauge, Histogram

from chatserver.config.data_folder import make_folder, usable

REQUESTS = Counter("chat_requests_total", "Answered requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "chat_request_seconds",
    "Time to answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
ERRORS = Counter("chat_request_errors_total", "Requests that were answered with such a 5xx", ["status"])
WORKERS = Gauge("chat_workers", "Processes that serve", multiprocess_mode="livesum")
POOL_REQUESTS = Gauge(
    "chat_pool_requests",
    "Requests that wait for a thread of a pool, or have one",
    ["pool"],
    multiprocess_mode="livesum",
)
POOL_THREADS = Gauge("chat_pool_threads", "Threads of a pool", ["pool"], multiprocess_mode="livesum")
FAILED_SIGN_INS = Counter("chat_failed_sign_ins_total", "Names and passwords that were refused", ["code"])

# A counter that first appears with its first event has no rise for Prometheus: it begins at zero.
for status in (500, 503):
    ERRORS.labels(status)
for code in ("invalid_credentials", "throttled"):
    FAILED_SIGN_INS.labels(code)

# Clients can send any method; the metrics have one name for unknown ones.
COUNTED_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(method: str | None, route: str, status: int, seconds: float) -> None:
    """Count an answered request. `route` is one of few texts, never a path."""
    known = method if method in COUNTED_METHODS else "other"
    REQUESTS.labels(known, route, status).inc()
    REQUEST_SECONDS.labels(known, route).observe(seconds)
    if status >= 500:
        ERRORS.labels(status).inc()


def prepare_folder(folder: Path) -> None:
    """Make a fresh folder for a server's workers, named for its process id. Those of servers that were killed go."""
    for other in folder.parent.glob("[0-9]*"):
        if other == folder or not psutil.pid_exists(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)
    with usable(folder.parent.parent):
        make_folder(folder, 0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
