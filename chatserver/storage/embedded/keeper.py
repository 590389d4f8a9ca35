"""The keeper owns the engines while a process has a lease: `python -m chatserver.storage.embedded.keeper DATA_DIR`."""

import fcntl
import logging
import signal
import sys
import time
from pathlib import Path

import psycopg2

from chatserver.config.data_folder import open_kept
from chatserver.storage.embedded.account import engine_account, own_folder
from chatserver.storage.embedded.paths import Paths
from chatserver.storage.embedded.postgres import Postgres
from chatserver.storage.embedded.valkey import Valkey

WATCH_SECONDS = 0.25
KEEPER_RETRY_SECONDS = 1.0

logger = logging.getLogger("chatserver.storage.embedded")


def keep_engines(paths: Paths) -> None:
    """Start both engines, restart one that dies, and stop them when the last lease is gone."""
    with open_kept(paths.keeper_lock, "w") as keeper_lock, open_kept(paths.lease_lock, "w") as lease_lock:
        try:
            fcntl.flock(keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another keeper is running already
        account = engine_account(paths.data)
        own_folder(paths.sockets, account)
        postgres = Postgres(paths.postgres, paths.sockets, paths.logs / "postgres.log", account)
        valkey = Valkey(paths.valkey, paths.sockets, paths.logs / "valkey.log", account)
        try:
            valkey.start()
            postgres.start()
            open_kept(paths.ready, "w").close()
            while not _is_unused(lease_lock.fileno()):
                time.sleep(WATCH_SECONDS)
                for engine in (valkey, postgres):
                    if not engine.is_running:
                        restart(engine)
        finally:
            paths.ready.unlink(missing_ok=True)
            postgres.stop()
            valkey.stop()


def restart(engine: Postgres | Valkey) -> None:
    """Start an engine that died. If that fails, the next check tries again."""
    logger.warning("%s died and is started again", type(engine).__name__)
    try:
        engine.start()
    except (RuntimeError, OSError, psycopg2.Error):
        logger.exception("%s did not start", type(engine).__name__)
        time.sleep(KEEPER_RETRY_SECONDS)


def _is_unused(lease_lock: int) -> bool:
    """Whether no process has a lease. If so, we hold the lock from now on, and a new process waits for our end."""
    try:
        fcntl.flock(lease_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keep_engines(Paths(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
