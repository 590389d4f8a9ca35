"""A PostgreSQL and a Valkey of the checker's own, which it may break.

The one place in benchmarks/ that imports from the project: how the engines are started is no part of what is checked.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import redis

from chatserver.engines.account import engine_account, own_folder
from chatserver.engines.postgres import Postgres
from chatserver.engines.valkey import Valkey

STOP_SECONDS = 30.0
REDIS_SECONDS = 2.0


class Engines:
    """Both, in `folder`. Blocking, except where it says async."""

    def __init__(self, folder: Path) -> None:
        account = engine_account()
        self.sockets = folder / "run"
        own_folder(self.sockets, account)
        logs = folder / "logs"
        logs.mkdir(exist_ok=True)
        self.postgres = Postgres(folder / "postgres", self.sockets, logs / "postgres.log", account)
        self.postgres_starts = 0
        self.valkey = Valkey(folder / "valkey", self.sockets, logs / "valkey.log", account)

    def start(self) -> None:
        self.valkey.start()
        self.postgres_starts += 1
        self.postgres.start()

    def stop(self) -> None:
        for process in self._postgres_processes() + self._valkey_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        self.postgres.stop()
        self.valkey.stop()

    def connect(self) -> "psycopg2.extensions.connection":
        """A connection that commits each statement."""
        connection = psycopg2.connect(
            host=str(self.sockets), user="postgres", dbname="chatserver", application_name="torture", connect_timeout=10
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
