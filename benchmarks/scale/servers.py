"""ChatServer's own processes, in production settings, each in a namespace or beside us."""

import os
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.program import Program, free_port, wait_for
from benchmarks.scale.network import Machine

PROJECT = Path(__file__).resolve().parent.parent.parent
USERS = 60


class Cluster:
    """What all servers of a scenario share: the settings, the database's content, the people."""

    def __init__(self, folder: Path, *, database_url: str, redis_url: str, **extra: str) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "CHAT_DATA_DIR": str(folder / "data"),
            "DEBUG": "False",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "LOG_LEVEL": "INFO",
            "CHAT_THROTTLE_WRITES": "1000000/second",
            "PYTHONUNBUFFERED": "1",
            **extra,
        }
        tokens = folder / "tokens.tsv"
        self.manage("migrate", "--verbosity", "0")
        self.manage("seed", "--users", str(USERS), "--tokens", str(tokens))
        self.tokens = [line.split("\t")[2] for line in tokens.read_text().splitlines()]

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=PROJECT, env=self.env, check=True)

    def serve(self, name: str, machine: Machine | None = None, **extra: str) -> "Server":
        return Server(self, name, machine, extra)

    def serve_many(self, count: int, stack: ExitStack) -> list[str]:
        """Start so many servers beside us, which the stack stops. Their URLs."""
        servers = [self.serve(f"server-{number}") for number in range(count)]
        for server in servers:
            stack.callback(server.stop)
        return [server.url for server in servers]


class Server:
    """`serve` with one worker. `address` is what nginx asks."""

    def __init__(self, cluster: Cluster, name: str, machine: Machine | None, extra: dict[str, str]) -> None:
        port = free_port() if machine is None else 8000
        host = "127.0.0.1" if machine is None else machine.address
        self.port = port
        self.address = f"{host}:{port}"
        self.log = cluster.folder / f"{name}.log"
        inside = [] if machine is None else ["ip", "netns", "exec", machine.name]
        command = [*inside, sys.executable, str(PROJECT / "manage.py"), "serve", "--host", host, "--port", str(port)]
        self._program = Program(self.log, *command, env=cluster.env | extra)
        self.start()

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def start(self) -> None:
        self._program.start()
        wait_for(self.is_ready, f"{self.address}; its log is {self.log}", 60)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def drain(self) -> None:
        """SIGTERM, as a rolling restart would."""
        self._program.stop(signal.SIGTERM)

    def stop(self) -> None:
        self._program.stop(signal.SIGTERM)
