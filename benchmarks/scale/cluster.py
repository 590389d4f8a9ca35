"""What the servers of a scenario share: the settings, and the database's content."""

from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.namespace import Namespace
from benchmarks.processes.postgres import DATABASE
from benchmarks.processes.server import Server, environment, manage, seed

USERS = 60
# Between two faults, so that all have come back from the first.
CALM_SECONDS = 6.0


def tcp_url(port: int, host: str = "127.0.0.1") -> str:
    return f"postgres://postgres@{host}:{port}/{DATABASE}"


class Cluster:
    """Migrates and seeds. Servers that it starts end with the stack."""

    def __init__(self, folder: Path, stack: ExitStack, *, database_url: str, redis_url: str) -> None:
        self._folder = folder
        self._stack = stack
        self._env = environment(folder / "data", database_url, redis_url)
        manage(self._env, "migrate", "--verbosity", "0")
        self.tokens = [account.token for account in seed(self._env, folder, users=USERS)]

    def serve(self, number: int, namespace: Namespace | None = None, **extra: str) -> Server:
        log = self._folder / f"server-{number}.log"
        return self._stack.enter_context(Server(self._env | extra, log, namespace=namespace))

    def serve_many(self, count: int) -> list[int]:
        """Start so many servers; their ports."""
        return [self.serve(number).port for number in range(count)]
