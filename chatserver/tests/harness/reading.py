"""Processes that work a durable reader (reading_process.py), and what its handler noted in the database."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2

from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.waiting import wait_for

TABLES = (
    "CREATE TABLE IF NOT EXISTS handled (number bigserial, position bigint, word text, pid int);"
    "CREATE TABLE IF NOT EXISTS gate (is_open bool); CREATE TABLE IF NOT EXISTS cured (is_so bool)"
)


class ReadLog:
    """A log that a test writes and processes of this module read."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.env = env
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.sql(TABLES)

    def sql(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, arguments)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def write(self, *words: str) -> None:
        """Write a row of the log for each word, in one batch, past all processes."""
        self.emit(*words)
        while self.sql("SELECT 1 FROM events_sequence(500) WHERE last_position >= first_position"):
            pass

    def emit(self, *words: str) -> None:
        """Put a row into the outbox for each word."""
        emit = "SELECT events_emit(0::smallint, 'test:1', 'test.happened', NULL, NULL, NULL, to_json(word)::text, NULL)"
        self.sql(f"{emit} FROM unnest(%s) WITH ORDINALITY AS asked(word, number) ORDER BY number", list(words))

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start a process whose reader begins at the log's end, and wait until it has a cursor."""
        log = self._folder / f"reader-{len(self._processes)}.log"
        command = [sys.executable, "-m", "chatserver.tests.harness.reading_process", json.dumps(options)]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=PROJECT, env=self.env, stdout=output, stderr=output)
        self._processes.append(process)
        wait_for(lambda: b"reading" in log.read_bytes() or process.poll() is not None, 30, f"a reader in {log}")
        assert process.poll() is None, log.read_text()
        return process

    def worker(self) -> int | None:
        """The PID of the process whose handler waits."""
        here = "datname = current_database()"  # other tests have databases of the same server
        found = self.sql(
            f"SELECT application_name FROM pg_stat_activity WHERE {here} AND application_name LIKE 'handling %%'"
        )
        return int(found[0][0].split()[1]) if found else None

    def handled(self) -> list[str]:
        """The words of the rows that were handled, in the order in which they were."""
        return [word for (word,) in self.sql("SELECT word FROM handled ORDER BY number")]

    def wait_until_handled(self, words: list[str], seconds: float = 15.0) -> None:
        """Until exactly these were handled, in this order."""
        try:
            wait_for(lambda: len(self.handled()) >= len(words), seconds, f"{words}")
        except AssertionError as error:
            raise AssertionError(f"{error}; {self._state()}") from error
        assert self.handled() == words

    def _state(self) -> str:
        """What may explain that nothing more is handled."""
        found: dict[str, Any] = {"handled": self.handled(), "ended": [process.poll() for process in self._processes]}
        for table in ("events_reader", "events_row_put_aside"):
            found[table] = self.sql(f"SELECT * FROM {table}")
        found["logs"] = [log.read_text()[-2000:] for log in self._folder.glob("reader-*.log")]
        return str(found)

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
