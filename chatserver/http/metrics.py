"""Metrics of REST for Prometheus, and the folder through which the workers of a server sum up theirs."""

import os
import shutil
from pathlib import Path

import psutil
from prometheus_client import Counter, Histogram

REQUESTS = Counter("chat_requests_total", "Answered requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "chat_request_seconds",
    "Time to answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)


def prepare_folder(folder: Path) -> None:
    """Make a fresh folder for a server's workers, named for its process id. Those of servers that were killed go."""
    for other in folder.parent.glob("[0-9]*"):
        if other == folder or not psutil.pid_exists(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
