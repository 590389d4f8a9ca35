"""What is checked: the engines, the servers on them, and a proxy before each. Fresh, in a folder of its own."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path
from random import Random

from benchmarks.processes import namespace
from benchmarks.processes.namespace import Namespace
from benchmarks.torture.engines import Engines
from benchmarks.torture.proxy import Proxy, to_address, to_socket
from benchmarks.torture.servers import PROJECT, Server, environment
from benchmarks.torture.users import Person, read_people


class Cluster:
    """`async with Cluster(...) as cluster`.

    The last server reaches the engines through relays, and lives in a namespace of its own where that is possible.
    """

    def __init__(
        self, folder: Path, *, servers: int, people: int, with_namespace: bool, sql: str, seed: int, with_replica: bool
    ) -> None:
        self.folder = folder
        self.engines = Engines(folder, with_replica=with_replica)
        self.servers: list[Server] = []
        self.proxies: list[Proxy] = []
        self.people: list[Person] = []
        self.isolated: int | None = None
        self._count = servers
        self._people = people
        self._sql = sql
        self._seed = seed
        # Between the last server and the engines.
        self.relays: list[Proxy] = []
        self._namespace: Namespace | None = None
        self._with_namespace = with_namespace

    def ports(self) -> list[int]:
        """Where clients reach each server: at its proxy."""
        return [proxy.port for proxy in self.proxies]

    async def __aenter__(self) -> "Cluster":
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def _start(self) -> None:
        await asyncio.to_thread(self.engines.start)
        await asyncio.to_thread(self._fill)
        if self._with_namespace and await asyncio.to_thread(namespace.is_possible):
            self._namespace = Namespace(1)
            self.isolated = self._count - 1
        for number in range(self._count):
            self.servers.append(await self._server(number))
        await asyncio.gather(*(server.start() for server in self.servers))
        for server in self.servers:
            self.proxies.append(await self._proxy_to(server).start())

    def _fill(self) -> None:
        env = self._environment()
        tokens = self.folder / "tokens.tsv"
        for command in (
            ["migrate", "--verbosity", "0"],
            ["seed", "--users", str(self._people), "--tokens", str(tokens)],
        ):
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=PROJECT,
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise RuntimeError(f"manage.py {command[0]} failed:\n{done.stderr}")
        self.people = read_people(tokens, self.engines)
        if self._sql:
            self.engines.ask(self._sql)

    def _environment(self) -> dict[str, str]:
        sockets = self.engines.sockets
        return environment(
            f"postgres://postgres@/chatserver?host={sockets}", f"unix://{sockets / 'valkey.sock'}", self.folder / "data"
        )

    async def _server(self, number: int) -> Server:
        env = self._environment()
        space = self._namespace if number == self.isolated else None
        if number == self._count - 1:
            # Unix sockets would pass the wall of a namespace. Over TCP a cut is a cut.
            host = space.here if space else "127.0.0.1"
            postgres = await self._relay(self.engines.sockets / ".s.PGSQL.5432", host)
            valkey = await self._relay(self.engines.valkey.socket, host)
            env |= {
                "DATABASE_URL": f"postgres://postgres@{host}:{postgres.port}/chatserver",
                "REDIS_URL": f"redis://{host}:{valkey.port}/0",
            }
        env["CHAT_DATA_DIR"] = str(self.folder / f"data-{number}")
        return Server(number, env, self.folder / "logs" / f"server-{number}.log", space)

    async def _relay(self, socket: Path, host: str) -> Proxy:
        relay = Proxy(to_socket(str(socket)), Random(0))  # noqa: S311 - it does nothing by chance
        self.relays.append(relay)
        return await relay.start(host)

    def _proxy_to(self, server: Server) -> Proxy:
        rng = Random(f"{self._seed}:{server.name}")  # noqa: S311 - it has to be the same again
        return Proxy(to_address(server.host, lambda: server.port), rng)

    async def _stop(self) -> None:
        for server in self.servers:
            with contextlib.suppress(Exception):  # the others have to end, too
                await server.kill()
        for proxy in [*self.proxies, *self.relays]:
            await proxy.close()
        await asyncio.to_thread(self.engines.stop)
        if self._namespace is not None:
            self._namespace.close()
