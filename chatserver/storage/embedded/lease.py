"""A lease on the engines of a data folder: taken once in a process, released by the kernel when the process ends."""

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured

from chatserver.config.data_folder import make_folder, make_private, open_kept, usable
from chatserver.storage.embedded.paths import Paths
from chatserver.storage.embedded.process import wait_until

ENGINES_START_SECONDS = 150
PROJECT = Path(__file__).resolve().parent.parent.parent.parent

_lease: IO[str] | None = None
# Kept so that it can be reaped if it ends before us. It usually outlives the process that started it.
_keeper: subprocess.Popen[bytes] | None = None
_guard = threading.Lock()


class EngineError(ImproperlyConfigured):
    """The engines could not be started; the message says what to look at."""


def ensure_running(data_dir: Path) -> None:
    """Take this process's lease and wait until both engines answer. Cheap once it is held. Raises EngineError."""
    global _lease
    if _lease is not None:
        return
    with _guard:
        if _lease is None:
            _lease = _take_lease(Paths(data_dir))


def _take_lease(paths: Paths) -> IO[str]:
    with usable(paths.data):
        make_folder(paths.logs, 0o700)
        make_private(paths.logs)
        start_lock = open_kept(paths.start_lock, "w")
        lease = open_kept(paths.lease_lock, "w")
    global _keeper
    with start_lock:
        fcntl.flock(start_lock, fcntl.LOCK_EX)
        # A shared lock. A keeper that is stopping holds it exclusively, so this waits for its end.
        fcntl.flock(lease, fcntl.LOCK_SH)
        if not _has_keeper(paths):
            _keeper = _start_keeper(paths)
        wait_until(lambda: paths.ready.exists() or not _is_coming(paths), ENGINES_START_SECONDS)
        if not paths.ready.exists():
            raise EngineError(f"the embedded PostgreSQL and Valkey did not start; look into {paths.logs}")
    return lease


def _is_coming(paths: Paths) -> bool:
    """Whether the engines may still become ready: our keeper runs, or that of another process does."""
    return _keeper.poll() is None if _keeper is not None else _has_keeper(paths)


def _has_keeper(paths: Paths) -> bool:
    with usable(paths.data), open_kept(paths.keeper_lock, "w") as keeper_lock:
        try:
            fcntl.flock(keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _start_keeper(paths: Paths) -> subprocess.Popen[bytes]:
    paths.ready.unlink(missing_ok=True)
    with usable(paths.data), open_kept(paths.logs / "keeper.log", "a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "chatserver.storage.embedded.keeper", str(paths.data)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
