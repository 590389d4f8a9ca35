"""ChatServer itself, by its own commands: `manage.py migrate`, `seed` and `serve`, in production settings."""

import os
import re
import secrets
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.processes.namespace import Namespace
from benchmarks.processes.postgres import PROJECT
from benchmarks.processes.program import Program

# The room that everybody is in.
GENERAL = 0
OURS = ("CHAT_", "DATABASE_", "REDIS_", "DJANGO_", "GRANIAN_")
# One client stands for many here. Not `off`: what it costs to count is a part of what is measured.
UNLIMITED = "1000000/second"
LIMITS = ["LOGIN", "REGISTRATION", "PROFILE", "WRITES", "READS", "ROOM_WRITES", "ROOMS", "MEMBERS", "STRANGERS"]


class Account(NamedTuple):
    """A user that `seed` made."""

    name: str
    user_id: int
    token: str


def environment(data: Path, database_url: str, redis_url: str, **extra: str) -> dict[str, str]:
    """The environment of a process on these engines. Nothing that is set here for a ChatServer gets into it."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(OURS)},
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "CHAT_DATA_DIR": str(data),
        "DEBUG": "False",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
        **{f"CHAT_THROTTLE_{name}": UNLIMITED for name in LIMITS},
        "CHAT_MAX_CONNECTIONS_PER_ADDRESS": "0",
        "CHAT_OUTBOUND_PRIVATE": "True",
        **extra,
    }


def manage(env: dict[str, str], *arguments: str, project: Path = PROJECT) -> None:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stderr}")


def seed(
    env: dict[str, str], folder: Path, users: int, rooms: int = 0, messages: int = 0, *, project: Path = PROJECT
) -> list[Account]:
    """Make users (all in General), group rooms, and messages over all rooms; returns the users."""
    tokens = folder / "tokens.tsv"
    numbers = ["--users", str(users), "--rooms", str(rooms), "--messages", str(messages)]
    manage(env, "seed", *numbers, "--tokens", str(tokens), project=project)
    rows = [line.split("\t") for line in tokens.read_text().splitlines()]
    return [Account(name, int(user_id), token) for name, user_id, token in rows]


class Server(Program):
    """`serve`: takes a free port when it starts first, and keeps it. In a namespace it listens on all addresses."""

    # It drains for up to 13 s (docs/operations.md); then Python has to end, on a busy machine.
    stop_seconds = 40.0

    def __init__(
        self,
        env: dict[str, str],
        log: Path,
        *,
        workers: int = 1,
        namespace: Namespace | None = None,
        project: Path = PROJECT,
    ) -> None:
        super().__init__(log, env=env, folder=project)
        self.host = namespace.there if namespace else "127.0.0.1"
        self.workers = workers
        self.namespace = namespace
        self._log_begin = 0

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def start(self) -> None:
        place = ["--host", "0.0.0.0"] if self.namespace else []  # noqa: S104 - in a namespace of its own
        inside = self.namespace.command if self.namespace else []
        options = ["--port", str(self.port), "--workers", str(self.workers), *place]
        self._command = (*inside, sys.executable, "manage.py", "serve", *options)
        self._log_begin = self.log.stat().st_size if self.log.exists() else 0
        super().start()

    def is_ready(self) -> bool:
        """Whether all workers answer: each connection may meet another one. The server says when all of them listen."""
        found = re.search(rb"Listening on http://[\d.]+:(\d+)", self.log.read_bytes()[self._log_begin :])
        if found is None:
            return False
        self.port = int(found[1])
        return all(self._answers() for _ in range(1 if self.workers == 1 else 8 * self.workers))

    def _answers(self) -> bool:
        try:
            self._get("/readyz", seconds=5)
        except OSError:
            return False
        return True

    def _get(self, path: str, *, seconds: float = 10) -> str:
        """The body of a page. OSError where it is not answered with success."""
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=seconds) as answer:  # noqa: S310 - http, to our own server
            return str(answer.read().decode())

    def worker_processes(self) -> list[psutil.Process]:
        """The processes that serve. Beside them there is one of Python's own, which tracks what they share."""
        found = []
        for process in self.family()[1:]:
            try:
                if "--multiprocessing-fork" in process.cmdline():
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
        return found

    def metric(self, name: str) -> float:
        """A metric of the server: the sum over its labels, or that of `name{label="value"}`."""
        lines = self._get("/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def kill_parent(self) -> None:
        """SIGKILL to `serve` alone: its workers have to notice, and end."""
        family = self.family()
        self.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, self.stop_seconds)
        self._kill(family)
