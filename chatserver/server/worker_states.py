"""Which workers of a server listen, and which are ready for streams.

Each leaves a file named for the state and its process id in the server's folder of metrics.
"""

import os
from pathlib import Path

LISTENING = "listening"
# Connected to the database: its streams can open.
READY = "ready"
# `serve` sets this environment variable for workers that are to take the place of others.
REPLACING_VARIABLE = "SERVE_REPLACES_WORKERS"


def _file(state: str, pid: int) -> Path | None:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) / f"{state}_{pid}" if folder else None


def enter_state(state: str) -> None:
    """Tell `serve`, if that started this process."""
    file = _file(state, os.getpid())
    if file is not None:
        file.touch()


def has_entered(state: str, pid: int) -> bool:
    """Whether this worker of ours has come so far."""
    file = _file(state, pid)
    return file is not None and file.exists()


def forget_states(pid: int) -> None:
    """The worker has ended, and its process id may be another one's."""
    for state in (LISTENING, READY):
        file = _file(state, pid)
        if file is not None:
            file.unlink(missing_ok=True)
