"""PostgreSQL with its replica, and Valkey, which faults break. Blocking."""

import contextlib
import shutil
from pathlib import Path
from typing import Any

from benchmarks.processes.postgres import DATABASE, Connection, Postgres, connect, run_sql
from benchmarks.processes.redis import Valkey
from benchmarks.torture.loss import Loss, compare_logs

SOCKET = ".s.PGSQL.5432"


class Engines:
    """In `sockets` PostgreSQL is reached by a link, which leads to another server when that was promoted."""

    def __init__(self, folder: Path, *, with_replica: bool) -> None:
        self.sockets = folder / "run"
        self.valkey = Valkey(folder)
        self.postgres = Postgres(folder / "postgres-0")
        self.replica: Postgres | None = None
        # How often a PostgreSQL was started, so far, that took writes.
        self.starts = 0
        self._folder = folder
        self._with_replica = with_replica
        self._promotions = 0

    @property
    def database_url(self) -> str:
        return f"postgres://postgres@/{DATABASE}?host={self.sockets}"

    def start(self) -> None:
        self.sockets.mkdir(parents=True)
        self.valkey.start()
        self.start_postgres()
        self.open_link()
        if self._with_replica:
            self.add_replica()

    def stop(self) -> None:
        """Servers that a thread of ours is still starting end with the process."""
        for server in (self.replica, self.postgres, self.valkey):
            if server is not None:
                server.stop()

    def connect(self) -> Connection:
        """A connection to whichever is the primary, which commits each statement."""
        return connect(self.sockets)

    def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own."""
        return run_sql(self.connect(), statement, *arguments)

    def start_postgres(self) -> None:
        self.starts += 1
        self.postgres.start()

    # The replica

    def add_replica(self) -> None:
        """Copy the primary, and follow it."""
        self.replica = Postgres(self._folder / f"postgres-{self._promotions + 1}", copy_of=self.postgres)
        self.replica.start()

    def kill_primary(self) -> None:
        """kill -9 of all of it, as if its machine had vanished: nobody takes writes any more."""
        self.postgres.kill()
        # Nobody is to meet it when it is started again, to be read.
        (self.sockets / SOCKET).unlink()

    def promote(self, known: int) -> Loss:
        """Put the replica in the place of the primary, which was killed. Nobody reaches it before open_link().

        Tells what is lost: rows behind `known`, in any case.
        """
        dead, replica = self.postgres, self.replica
        assert replica is not None
        replica.promote()
        self.postgres, self.replica = replica, None
        self._promotions += 1
        self.starts += 1
        # What the dead one had is read from its disk.
        with dead, contextlib.closing(dead.connect()) as primary, contextlib.closing(replica.connect()) as promoted:
            loss = compare_logs(primary, promoted, known)
        shutil.rmtree(dead.data.parent)
        return loss

    def open_link(self) -> None:
        """Let everybody who comes through `sockets` reach the primary."""
        link = self.sockets / SOCKET
        link.unlink(missing_ok=True)
        link.symlink_to(self.postgres.data / SOCKET)
