"""Clients that post. These functions run in a generator's process."""

import asyncio
import time
from dataclasses import dataclass

from benchmarks.client.http import Connection
from benchmarks.speed.generator import Worker
from benchmarks.speed.tally import Tally

CLIENTS = 16


@dataclass(frozen=True)
class Target:
    """Where posts go. `body` has a place for the room and one for the second at which the post began.

    A peer does not number messages, so they are numbered here (`is_numbered`): the room is the number of the client
    then, and between the two places is one for the number of the message among the client's own.
    """

    path: str = "/api/v1/chats/"
    body: bytes = b'{"room_id":%d,"message":"%.6f"}'
    is_numbered: bool = False

    def body_of(self, client: int, number: int, room: int, began: float) -> bytes:
        return self.body % ((client, number, began) if self.is_numbered else (room, began))


async def open_writers(worker: Worker, port: int, tokens: list[str]) -> None:
    worker.connections = [await Connection(port, token).open() for token in tokens]


async def post_once(worker: Worker, client: int, room: int, target: Target, posted: Tally) -> None:
    began = time.monotonic()
    worker.posted[client] += 1
    body = target.body_of(client, worker.posted[client], room, began)
    answer = await worker.connections[client].request("POST", target.path, body)
    if answer.status != 201:
        raise RuntimeError(f"a post was answered with {answer}")
    posted.add(time.monotonic() - began)


async def post_at(worker: Worker, rate: float, seconds: float, room: int = 0, target: Target | None = None) -> Tally:
    """Post at a steady rate, by whichever client is free. Where none is, the rate falls behind, and `posted` tells."""
    free: asyncio.Queue[int] = asyncio.Queue()
    for client in range(len(worker.connections)):
        free.put_nowait(client)
    posted = Tally()
    began = time.monotonic()

    async def post(client: int) -> None:
        await post_once(worker, client, room, target or Target(), posted)
        free.put_nowait(client)

    async with asyncio.TaskGroup() as posts:
        for number in range(max(1, round(rate * seconds))):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            client = await free.get()
            posted.seconds = time.monotonic() - began + 1 / rate
            posts.create_task(post(client))
    return posted


async def keep_posting(worker: Worker, seconds: float, rooms: list[int], target: Target | None = None) -> Tally:
    """Each client posts as soon as it is answered, into one room after the other."""
    posted = Tally()
    began = time.monotonic()

    async def post(client: int) -> None:
        turn = client
        while time.monotonic() < began + seconds:
            turn += 1
            await post_once(worker, client, rooms[turn % len(rooms)], target or Target(), posted)

    await asyncio.gather(*(post(client) for client in range(len(worker.connections))))
    posted.seconds = time.monotonic() - began
    return posted
