"""One server of the checked service: `manage.py serve` and its workers."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from benchmarks.processes.namespace import Namespace
from benchmarks.torture.engines import kill
from benchmarks.torture.http import Broken, Connection

PROJECT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 90.0
# `serve` promises to be gone after 15 s (docs/operations.md, draining); then there is Python to end, on a busy machine.
STOP_SECONDS = 40.0
# What a server logs when something happens that nobody foresaw.
BROKEN = re.compile(r'"event": "(bug|[a-z]+_broke)"|Traceback \(most recent call last\)|panicked at')

LOST = re.compile(r'"event": "history_lost"')

# A server that is killed while it starts a worker: the worker waits for what it is to run.
ORPHAN = re.compile(
    r"Traceback \(most recent call last\):\n(?:  .*\n)*?  .*multiprocessing/spawn\.py.*\n(?:  .*\n)*"
    r"EOFError: Ran out of input\n"
)

# Redis is away: that is what channels_redis says then, at each attempt.
EXPECTED = '"logger": "channels_redis.pubsub"'


def environment(database_url: str, redis_url: str, data: Path) -> dict[str, str]:
    """Of a process in production settings on these engines; what the caller set for Django and Python stays."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    return {
        **kept,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "CHAT_DATA_DIR": str(data),
        "DEBUG": "False",
        "SECRET_KEY": "only-for-the-checker-only-for-the-checker-only-for-it",
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
        # One client stands for many people here.
        "CHAT_THROTTLE_WRITES": "100000/second",
        "CHAT_THROTTLE_LOGIN": "100000/second",
        "CHAT_THROTTLE_REGISTRATION": "100000/second",
    }


class Server:
    """Starts on a free port and keeps it. `namespace` is where it lives, if it has one of its own."""

    def __init__(self, number: int, env: dict[str, str], log: Path, namespace: Namespace | None = None) -> None:
        self.number = number
        self.name = f"server-{number}"
        self.host = namespace.there if namespace else "127.0.0.1"
        self.port = 0
        self.log = log
        self.namespace = namespace
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        command = ["manage.py", "serve", "--workers", "1", "--port", str(self.port)]
        if self.namespace is not None:
            command += ["--host", "0.0.0.0"]  # noqa: S104 - in a namespace of its own
        with self.log.open("ab") as output:
            begin = output.tell()
            self._process = subprocess.Popen(  # noqa: ASYNC220 - a fork is quick
                [*(self.namespace.command if self.namespace else []), sys.executable, *command],
                cwd=PROJECT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not (self.port or self._find_port(begin)) or not await self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start; see {self.log}:\n{self.log.read_text()[-2000:]}")
            await asyncio.sleep(0.1)

    def _find_port(self, begin: int) -> bool:
        found = re.search(rb"Listening on http://[\d.]+:(\d+)", self.log.read_bytes()[begin:])
        if found:
            self.port = int(found[1])
        return found is not None

    async def is_ready(self) -> bool:
        try:
            return (await self._ask("/readyz")) == 200
        except Broken:
            return False

    async def _ask(self, path: str) -> int:
        connection = Connection(self.port, self.host)
        try:
            return (await connection.ask("GET", path, "", seconds=3)).status
        finally:
            connection.close()

    def workers(self) -> list[psutil.Process]:
        """The processes that serve. Beside them there is one of Python's own, which tracks what they share."""
        found = []
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if "--multiprocessing-fork" in process.cmdline():
                    found.append(process)
        return found

    def parent(self) -> list[psutil.Process]:
        return self._family()[:1]

    def _family(self) -> list[psutil.Process]:
        if self._process is None or self._process.poll() is not None:
            return []
        try:
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    async def kill(self, *, only_parent: bool = False) -> None:
        """kill -9 of everything, or of the parent alone, whose workers have to notice."""
        family = self._family()
        for process in family[:1] if only_parent else family[::-1]:
            kill(process)
        await asyncio.to_thread(psutil.wait_procs, family, STOP_SECONDS)
        if self._process is not None:
            self._process.wait()

    async def terminate(self) -> float:
        """SIGTERM, and wait for the end. Returns the seconds that it took."""
        assert self._process is not None
        began = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            await self.kill()
        return time.monotonic() - began

    def what_was_lost(self) -> list[int]:
        """The positions that it had told and then did not find in the log, by its own account."""
        if not self.log.exists():
            return []
        with self.log.open(errors="replace") as lines:
            return [json.loads(line)["delivered"] for line in lines if LOST.search(line)]

    def what_broke(self) -> list[str]:
        """The lines of its log that nobody foresaw, without repeats."""
        found: dict[str, None] = {}
        if self.log.exists():
            for line in ORPHAN.sub("", self.log.read_text(errors="replace")).splitlines():
                if BROKEN.search(line) and EXPECTED not in line and len(found) < 20:
                    found[line.strip()[:2000]] = None
        return list(found)
