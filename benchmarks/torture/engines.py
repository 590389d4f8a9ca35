"""A PostgreSQL and a Valkey of the checker's own, which it may break.

The one place in benchmarks/ that imports from the project: how the engines are started is no part of what is checked.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import redis

from benchmarks.torture.loss import Loss, compare_logs
from benchmarks.torture.replica import Replica
from chatserver.storage.embedded.account import engine_account, own_folder
from chatserver.storage.embedded.postgres import Postgres
from chatserver.storage.embedded.valkey import Valkey

SOCKET = ".s.PGSQL.5432"
STOP_SECONDS = 30.0
REDIS_SECONDS = 2.0


class Engines:
    """Both, in `folder`. Blocking, except where it says async.

    In `sockets` they are reached: PostgreSQL through a link, which leads to another one when that was promoted.
    """

    def __init__(self, folder: Path, *, with_replica: bool = False) -> None:
        account = engine_account()
        self.sockets = folder / "run"
        own_folder(self.sockets, account)
        self._folder = folder
        self._logs = folder / "logs"
        self._logs.mkdir(exist_ok=True)
        own_folder(folder / "run-0", account)
        self.postgres = Postgres(folder / "postgres-0", folder / "run-0", self._logs / "postgres-0.log", account)
        self.replica: Replica | None = None
        self.postgres_starts = 0
        self.promotions = 0
        self.valkey = Valkey(folder / "valkey", self.sockets, self._logs / "valkey.log", account)
        self._with_replica = with_replica
        # A primary that died, while what it had is read.
        self._dead: Postgres | None = None

    def start(self) -> None:
        self.valkey.start()
        self.postgres_starts += 1
        self.postgres.start()
        self.open_door()
        if self._with_replica:
            self.add_replica()

    def stop(self) -> None:
        for process in self._postgres_processes() + self._valkey_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        for server in (self.replica, self._dead, self.postgres):
            if server is not None:
                server.stop()
        self.valkey.stop()

    def connect(self) -> "psycopg2.extensions.connection":
        """A connection that commits each statement."""
        return self._connect_in(self.sockets)

    def _connect_in(self, sockets: Path) -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(
            host=str(sockets), user="postgres", dbname="chatserver", application_name="torture", connect_timeout=10
        )
        connection.autocommit = True
        return connection

    def ask(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, arguments or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    # PostgreSQL

    async def end_postgres(self, how: signal.Signals) -> None:
        """SIGINT: a fast shutdown. SIGQUIT: an immediate one, as a crash, with a recovery at the next start."""
        process = self.postgres.process
        assert process is not None
        process.send_signal(how)
        await asyncio.wait_for(asyncio.to_thread(process.wait), STOP_SECONDS)

    async def start_postgres(self) -> None:
        self.postgres_starts += 1
        await asyncio.to_thread(self.postgres.start)

    # Its replica

    def add_replica(self) -> None:
        """Copy the primary, and follow it."""
        name = f"{self.promotions + 1}"
        folder, sockets = self._folder / f"postgres-{name}", self._folder / f"run-{name}"
        self.replica = Replica(self.postgres, folder, sockets, self._logs / f"postgres-{name}.log")
        self.replica.start()

    def kill_postgres(self) -> None:
        """kill -9 of all of it, as if its machine had vanished: nobody takes writes any more."""
        process = self.postgres.process
        assert process is not None
        family = self._postgres_processes()
        for each in family:
            kill(each)
        process.wait()
        psutil.wait_procs(family, STOP_SECONDS)
        # Nobody is to meet it when it is started again, to be read.
        (self.sockets / SOCKET).unlink()

    def promote(self, known: int) -> Loss:
        """Put the replica in the place of the primary, which was killed. Nobody reaches it before open_door().

        Tells what is lost: rows behind `known`, in any case.
        """
        replica, self._dead = self.replica, self.postgres
        assert replica is not None
        replica.promote()
        self.postgres, self.replica = replica, None
        self.promotions += 1
        self.postgres_starts += 1
        # What the dead one had is read from its disk.
        self._dead.start()
        with (
            contextlib.closing(self._connect_in(self._dead.sockets)) as primary,
            contextlib.closing(self._connect_in(replica.sockets)) as promoted,
        ):
            loss = compare_logs(primary, promoted, known)
        self._dead.stop()
        shutil.rmtree(self._dead.folder)
        self._dead = None
        return loss

    def open_door(self) -> None:
        """Let everybody who comes through `sockets` reach the primary."""
        link = self.sockets / SOCKET
        link.unlink(missing_ok=True)
        link.symlink_to(self.postgres.sockets / SOCKET)

    def freeze_postgres(self) -> Callable[[], None]:
        """SIGSTOP to all of it; returns what thaws it."""
        return freeze(self._postgres_processes())

    def _postgres_processes(self) -> list[psutil.Process]:
        return _family(self.postgres.process.pid) if self.postgres.is_running and self.postgres.process else []

    # Valkey

    async def end_valkey(self) -> None:
        await asyncio.to_thread(self.valkey.stop)

    async def start_valkey(self) -> None:
        await asyncio.to_thread(self.valkey.start)

    def freeze_valkey(self) -> Callable[[], None]:
        return freeze(self._valkey_processes())

    def tell_valkey(self, *command: str) -> None:
        """Send it a command, such as FLUSHALL."""
        client = redis.Redis(unix_socket_path=str(self.valkey.socket), socket_timeout=REDIS_SECONDS)
        try:
            client.execute_command(*command)
        finally:
            client.close()

    def _valkey_processes(self) -> list[psutil.Process]:
        return _family(self.valkey.process.pid) if self.valkey.is_running and self.valkey.process else []


def _family(pid: int) -> list[psutil.Process]:
    """A process and its children, children last, or nothing where it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def freeze(processes: list[psutil.Process]) -> Callable[[], None]:
    """SIGSTOP; returns what sends SIGCONT."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()

    def thaw() -> None:
        for process in processes:
            # The pid may have been used again: psutil compares the time of its start.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    return thaw


def kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        os.kill(process.pid, signal.SIGKILL)
