"""A whole ChatServer on fresh data: engines of its own, and a server in production settings."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks.processes.postgres import PROJECT, Postgres
from benchmarks.processes.redis import Valkey
from benchmarks.processes.server import Account, Server, environment, manage, seed

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


class Seed(NamedTuple):
    """One run of `manage.py seed`: users (all in General), group rooms, and messages over all rooms."""

    users: int
    rooms: int = 0
    messages: int = 0


class Holdings(NamedTuple):
    """Memory, threads and descriptors of all workers, streams as they count them, and connections to the engines."""

    megabytes: float
    threads: float
    descriptors: float
    streams: float
    database: float
    redis: float

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:,.0f}" for name, value in self._asdict().items())


class Service:
    """`with Service(Seed(users=1000), workers=2) as service:`. `project` is the checkout whose manage.py is run.

    `settings` are variables of its environment.
    """

    def __init__(self, *seeds: Seed, workers: int = 1, project: Path = PROJECT, **settings: str) -> None:
        self._settings = settings
        self._seeds = seeds
        self._workers = workers
        self._project = project
        self._stack = ExitStack()
        self.accounts: list[Account] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatserver-bench-")))
            self.postgres = stack.enter_context(Postgres(folder))
            self.valkey = stack.enter_context(Valkey(folder))
            env = environment(folder / "data", self.postgres.url, self.valkey.url, **self._settings)
            manage(env, "migrate", "--verbosity", "0", project=self._project)
            for each in self._seeds:
                self.accounts += seed(env, folder, *each, project=self._project)
            self.server = Server(env, folder / "server.log", workers=self._workers, project=self._project)
            stack.enter_context(self.server)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def tokens(self) -> list[str]:
        return [account.token for account in self.accounts]

    def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What the database itself says."""
        return self.postgres.sql(statement, *arguments)

    def restart(self) -> None:
        """End the server and start it again, on the same data and port: nothing is in its memory then."""
        self.server.stop()
        self.server.start()

    def holdings(self) -> Holdings:
        workers = self.server.worker_processes()
        return Holdings(
            megabytes=sum(worker.memory_info().rss for worker in workers) / 2**20,
            threads=sum(worker.num_threads() for worker in workers),
            descriptors=sum(worker.num_fds() for worker in workers),
            streams=self.server.metric("chat_streams"),
            database=self.sql(CONNECTIONS)[0][0],
            redis=len(self.valkey.execute("CLIENT LIST")),
        )

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time used so far, by `server`, `postgres` and `valkey`."""
        return {**self.server.cpu_seconds(), **self.postgres.cpu_seconds(), **self.valkey.cpu_seconds()}
