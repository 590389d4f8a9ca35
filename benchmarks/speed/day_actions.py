"""What people do with a chat, each at its rate. This runs in a generator's process."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from benchmarks.client.http import Answer, Connection
from benchmarks.speed.generator import Worker
from benchmarks.speed.tally import Tally

# A person in an hour, on average over all who are connected. To read is a page and a marker.
HOURLY = {"read": 30.0, "write": 12.0, "type": 24.0, "react": 6.0, "start": 4.0}
CONNECTIONS = 64
PAGE = 50
THUMB = quote("\N{THUMBS UP SIGN}")


class Person(NamedTuple):
    token: str
    rooms: tuple[int, ...]


@dataclass
class Done:
    """How long each kind of action took, from when it was due; and how many messages each room got."""

    answers: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in HOURLY})
    posts: Counter[int] = field(default_factory=Counter)


class Life:
    """One run. Whichever connection is free asks for whoever is next; waiting for one counts."""

    def __init__(self, port: int, people: list[Person]) -> None:
        self.done = Done()
        self._people = people
        self._chance = random.Random(2)  # noqa: S311 - the same each time
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            self._free.put_nowait(Connection(port))
        # The newest message of each room, as somebody saw it.
        self._newest: dict[int, int] = {}
        self._acts: dict[str, Callable[[Person, int], Awaitable[None]]] = {
            "read": self._read,
            "write": self._write,
            "type": self._type,
            "react": self._react,
            "start": self._start,
        }

    def schedule(self, seconds: float) -> Iterator[tuple[float, str]]:
        """When something is due, and what: each kind comes by chance at its rate."""
        due: list[tuple[float, str]] = []
        for name, hourly in HOURLY.items():
            at, rate = 0.0, hourly * len(self._people) / 3600
            while (at := at + self._chance.expovariate(rate)) < seconds:
                due.append((at, name))
        return iter(sorted(due))

    async def act(self, name: str, due: float) -> None:
        person = self._chance.choice(self._people)
        await self._acts[name](person, self._chance.choice(person.rooms))
        self.done.answers[name].latencies.add(time.monotonic() - due)

    async def close(self) -> None:
        while not self._free.empty():
            self._free.get_nowait().close()

    async def _ask(self, person: Person, method: str, path: str, body: Any = None) -> Answer:
        connection = await self._free.get()
        try:
            text = None if body is None else json.dumps(body).encode()
            answer = await connection.request(method, f"/api/v1/{path}", text, token=person.token)
        finally:
            self._free.put_nowait(connection)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path} was answered with {answer}")
        return answer

    async def _read(self, person: Person, room: int) -> None:
        page = (await self._ask(person, "GET", f"rooms/{room}/messages/?limit={PAGE}")).json()["results"]
        self._newest[room] = page[-1]["id"]
        await self._ask(person, "PUT", f"rooms/{room}/read-marker/", {"seq": page[-1]["seq"]})

    async def _write(self, person: Person, room: int) -> None:
        text = f"{time.monotonic():.6f}"
        self._newest[room] = (await self._ask(person, "POST", "chats/", {"room_id": room, "message": text})).json()[
            "id"
        ]
        self.done.posts[room] += 1

    async def _type(self, person: Person, room: int) -> None:
        await self._ask(person, "POST", f"rooms/{room}/typing/")

    async def _react(self, person: Person, room: int) -> None:
        if room not in self._newest:
            await self._read(person, room)
        await self._ask(person, "PUT", f"messages/{self._newest[room]}/reactions/{THUMB}/")

    async def _start(self, person: Person, room: int) -> None:
        await self._ask(person, "GET", "sync/")


async def live(worker: Worker, port: int, people: list[Person], seconds: float) -> Done:
    """Do what is due when it is due, for so long."""
    life = Life(port, people)
    began = time.monotonic()
    async with asyncio.TaskGroup() as acts:
        for at, name in life.schedule(seconds):
            await asyncio.sleep(max(0.0, began + at - time.monotonic()))
            acts.create_task(life.act(name, began + at))
    for tally in life.done.answers.values():
        tally.seconds = seconds
    await life.close()
    return life.done
