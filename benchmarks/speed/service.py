"""A service on fresh data, in production settings, started for one measurement."""

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import psycopg2

from benchmarks.speed.engines import PROJECT, Engines, cpu_of
from benchmarks.speed.quota import hold_process, wait_until_empty

# The room that everybody is in.
GENERAL = 0
START_SECONDS = 120
STOP_SECONDS = 30


@dataclass(frozen=True)
class Account:
    user_id: int
    token: str


@dataclass(frozen=True)
class Seed:
    """One run of `manage.py seed`."""

    users: int
    rooms: int = 0
    messages: int = 0


class Service:
    """`with Service(Seed(users=1000), workers=2) as service:` serves on `service.port`, with `service.accounts`."""

    def __init__(self, *seeds: Seed, workers: int = 1, core_share: float | None = None, **env: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="chatserver-bench-")
        self.data = Path(self._folder.name)
        self._seeds = seeds
        self.workers = workers
        # What each worker may use of a core; None: all of it. One that is started later, for one that died, is free.
        self._core_share = core_share
        self._groups: list[Path] = []
        self.port = 0
        self.accounts: list[Account] = []
        self._engines: Engines | None = None
        self._server: subprocess.Popen[bytes] | None = None
        mine = ("CHAT_", "DATABASE_", "REDIS_", "DJANGO_", "GRANIAN_")
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(mine)},
            "CHAT_DATA_DIR": str(self.data),
            # Empty: the engines of this run, whatever a .env says.
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DEBUG": "False",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
            # One client stands for many people here.
            "CHAT_THROTTLE_WRITES": "1000000/second",
            **env,
        }

    @property
    def sockets(self) -> Path:
        """The folder of the engines' sockets."""
        return self.data / "run"

    @property
    def tokens(self) -> list[str]:
        return [account.token for account in self.accounts]

    # Start and end

    def __enter__(self) -> "Service":
        try:
            self._engines = Engines(self.data, self.env)
            self._manage("migrate", "--verbosity", "0")
            for number, seed in enumerate(self._seeds):
                self._seed(seed, self.data / f"tokens-{number}.tsv")
            self.serve()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=PROJECT, env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stderr}")

    def _seed(self, seed: Seed, tokens: Path) -> None:
        numbers = ["--users", str(seed.users), "--rooms", str(seed.rooms), "--messages", str(seed.messages)]
        self._manage("seed", *numbers, "--tokens", str(tokens))
        rows = [line.split("\t") for line in tokens.read_text().splitlines()]
        self.accounts += [Account(int(user_id), token) for _, user_id, token in rows]

    def serve(self) -> None:
        """Start the server, on the port of the last time if there was one, and wait until every worker is ready.

        The server says that it listens when all workers do. Else clients would all come to the first of them.
        """
        path = self.data / "serve.log"
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--workers", str(self.workers)]
        with path.open("wb") as log:
            self._server = subprocess.Popen(command, cwd=PROJECT, env=self.env, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        self.port = 0
        while not self._is_ready(path):
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise RuntimeError(f"the service did not start:\n{path.read_text()}")
            time.sleep(0.05)
        if self._core_share is not None:
            for worker in self.worker_processes():
                self._groups.append(hold_process(worker.pid, self._core_share))

    def _is_ready(self, log: Path) -> bool:
        found = re.search(r"Listening on http://127\.0\.0\.1:(\d+)", log.read_text())
        if found is None:
            return False
        self.port = int(found[1])
        # Each connection may meet another worker.
        return all(self._answers_ready() for _ in range(1 if self.workers == 1 else 8 * self.workers))

    def _answers_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def restart(self) -> None:
        """End the server and start it again, on the same data and the same port: nothing is in its memory then."""
        self.stop()
        self.serve()

    def stop(self) -> None:
        """End the server; the engines stay."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGTERM)
            try:
                self._server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                for process in [*psutil.Process(self._server.pid).children(recursive=True), self._server]:
                    process.kill()
                self._server.wait()
        while self._groups:
            wait_until_empty(self._groups[-1])
            self._groups.pop().rmdir()

    def _end(self) -> None:
        self.stop()
        if self._engines is not None:
            self._engines.stop()
        self._folder.cleanup()

    # What it is made of

    def worker_processes(self) -> list[psutil.Process]:
        """The processes that serve."""
        assert self._server is not None
        return [
            child
            for child in psutil.Process(self._server.pid).children()
            if "resource_tracker" not in str(child.cmdline())
        ]

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time used so far by the server, by PostgreSQL, and by Valkey."""
        assert self._server is not None
        assert self._engines is not None
        server = psutil.Process(self._server.pid)
        used = sum(cpu_of(process) for process in [server, *server.children(recursive=True)])
        return {"server": used, **self._engines.cpu_seconds()}

    def metric(self, name: str) -> float:
        """A metric of the service: the sum over its labels, or that of `name{label="value"}`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return sum(
            float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))
        )

    def sql(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What the database itself says."""
        connection = psycopg2.connect(host=str(self.sockets), user="postgres", dbname="chatserver")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query, arguments or None)
                return cursor.fetchall()
        finally:
            connection.close()
