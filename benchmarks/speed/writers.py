"""Clients that post. These functions run in a generator's process."""

import asyncio
import time
from dataclasses import dataclass, field

from benchmarks.client.http import Connection
from benchmarks.speed.generator import Worker
from benchmarks.speed.histogram import Histogram

CLIENTS = 16


@dataclass(frozen=True)
class Target:
    """What a post is: `body` has two places, for the room and for the second at which the post began.

    A peer does not number messages, so they are numbered here: then the room is the number of the client, and between
    them is a place for the number of the message among his own.
    """

    path: str = "/api/v1/chats/"
    body: bytes = b'{"room_id":%d,"message":"%.6f"}'
    method: str = "POST"
    good: int = 201
    is_numbered: bool = False

    def body_of(self, connection: Connection, room: int, began: float) -> bytes:
        if not self.is_numbered:
            return self.body % (room, began)
        connection.sent += 1
        return self.body % (connection.number, connection.sent, began)


@dataclass
class Posted:
    """What became of posts, in so many seconds in which they began. `latencies` are those of the answers."""

    count: int = 0
    seconds: float = 0.0
    latencies: Histogram = field(default_factory=Histogram)

    @property
    def rate(self) -> float:
        return self.count / self.seconds


async def open_writers(worker: Worker, port: int, tokens: list[str]) -> None:
    worker.connections = [await Connection.open(port, token) for token in tokens]
    for number, connection in enumerate(worker.connections):
        connection.number = number


async def post_at(worker: Worker, rate: float, seconds: float, room: int = 0, target: Target | None = None) -> Posted:
    """Post at a steady rate, by whichever client is free. Where none is, the rate falls behind, and `posted` tells."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for connection in worker.connections:
        free.put_nowait(connection)
    posted = Posted()
    began = time.monotonic()
    async with asyncio.TaskGroup() as posts:
        for number in range(max(1, round(rate * seconds))):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            connection = await free.get()
            posted.seconds = time.monotonic() - began + 1 / rate
            posts.create_task(_post(connection, free, room, target or Target(), posted))
    return posted


async def _post(
    connection: Connection, free: "asyncio.Queue[Connection]", room: int, target: Target, posted: Posted
) -> None:
    await post_one(connection, room, target, posted)
    free.put_nowait(connection)


async def post_one(connection: Connection, room: int, target: Target, posted: Posted) -> None:
    began = time.monotonic()
    status, answer = await connection.send(target.method, target.path, target.body_of(connection, room, began))
    if status != target.good:
        raise RuntimeError(f"a post was answered with {status}: {answer!r}")
    posted.latencies.add(time.monotonic() - began)
    posted.count += 1


async def keep_posting(worker: Worker, seconds: float, rooms: list[int], target: Target | None = None) -> Posted:
    """Each client posts as soon as it is answered, into one room after the other."""
    posted = Posted()
    began = time.monotonic()

    async def post_on(connection: Connection, turn: int) -> None:
        while time.monotonic() < began + seconds:
            turn += 1
            await post_one(connection, rooms[turn % len(rooms)], target or Target(), posted)

    await asyncio.gather(*(post_on(connection, turn) for turn, connection in enumerate(worker.connections)))
    posted.seconds = time.monotonic() - began
    return posted
