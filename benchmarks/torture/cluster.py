"""What is checked: the engines, the servers on them, and a proxy before each. Fresh, in a folder of its own."""

import asyncio
import contextlib
from pathlib import Path
from random import Random

from benchmarks.processes import namespace
from benchmarks.processes.namespace import Namespace
from benchmarks.processes.server import Server, environment, manage, seed
from benchmarks.torture.engines import SOCKET, Engines
from benchmarks.torture.options import SERVERS, Options
from benchmarks.torture.proxy import Proxy
from benchmarks.torture.schedule import kinds_of
from benchmarks.torture.users import User, prepare_users


class Cluster:
    """`async with Cluster(...) as cluster`.

    The last server reaches the engines through relays, and lives in a namespace of its own where that is possible.
    """

    def __init__(self, folder: Path, options: Options, *, users: int) -> None:
        self.engines = Engines(folder, with_replica="promote" in kinds_of(options))
        self.servers: list[Server] = []
        self.proxies: list[Proxy] = []
        # Between the last server and the engines.
        self.relays: list[Proxy] = []
        self.users: list[User] = []
        self.namespace: Namespace | None = None
        self._folder = folder
        self._options = options
        self._user_count = users

    @property
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
        extra = {"DJANGO_SETTINGS_MODULE": self._options.settings} if self._options.settings else {}
        env = environment(self._folder / "data", self.engines.database_url, self.engines.valkey.url, **extra)
        await asyncio.to_thread(self._fill, env)
        if "isolate" in kinds_of(self._options) and await asyncio.to_thread(namespace.is_possible):
            self.namespace = Namespace(1)
        for number in range(SERVERS):
            self.servers.append(await self._server(number, env))
        await asyncio.gather(*(asyncio.to_thread(server.start) for server in self.servers))
        for server in self.servers:
            rng = Random(f"{self._options.seed}:{server.name}")  # noqa: S311 - it has to be the same again
            self.proxies.append(await Proxy((server.host, server.port), rng).start())

    def _fill(self, env: dict[str, str]) -> None:
        manage(env, "migrate", "--verbosity", "0")
        self.users = prepare_users(seed(env, self._folder, users=self._user_count), self.engines)
        if self._options.sql:
            self.engines.sql(self._options.sql.read_text())

    async def _server(self, number: int, env: dict[str, str]) -> Server:
        space = None
        if number == SERVERS - 1:
            space = self.namespace
            # Unix sockets would pass the wall of a namespace. Over TCP a cut is a cut.
            host = space.here if space else "127.0.0.1"
            postgres = await self._relay(self.engines.sockets / SOCKET, host)
            valkey = await self._relay(self.engines.valkey.socket, host)
            env = env | {
                "DATABASE_URL": f"postgres://postgres@{host}:{postgres.port}/chatserver",
                "REDIS_URL": f"redis://{host}:{valkey.port}/0",
            }
        env = env | {"CHAT_DATA_DIR": str(self._folder / f"data-{number}")}
        return Server(env, self._folder / "logs" / f"server-{number}.log", namespace=space)

    async def _relay(self, socket: Path, host: str) -> Proxy:
        relay = Proxy(str(socket), Random(0))  # noqa: S311 - it does nothing by chance
        self.relays.append(relay)
        return await relay.start(host)

    async def _stop(self) -> None:
        for server in self.servers:
            with contextlib.suppress(Exception):  # the others have to end, too
                await asyncio.to_thread(server.kill)
        for proxy in [*self.proxies, *self.relays]:
            await proxy.close()
        await asyncio.to_thread(self.engines.stop)
        if self.namespace is not None:
            self.namespace.close()
