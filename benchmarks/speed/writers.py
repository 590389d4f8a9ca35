"""Clients that ask and post. These functions run in a generator's process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
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


SERVICE = Target()


async def open_writers(worker: Worker, port: int, tokens: list[str]) -> None:
    worker.connections = [await Connection(port, token).open() for token in tokens]


async def post_once(worker: Worker, client: int, room: int, target: Target) -> None:
    worker.posted[client] += 1
    began = time.monotonic()
    places = (client, worker.posted[client], began) if target.is_numbered else (room, began)
    answer = await worker.connections[client].request("POST", target.path, target.body % places)
    if answer.status != 201:
        raise RuntimeError(f"a post was answered with {answer}")


async def post_at(worker: Worker, rate: float, seconds: float, room: int, target: Target = SERVICE) -> Tally:
    """Post at a steady rate, by whichever client is free. Where none is, the rate falls behind, and the tally tells."""
    free: asyncio.Queue[int] = asyncio.Queue()
    for client in range(len(worker.connections)):
        free.put_nowait(client)
    posted = Tally()
    began = time.monotonic()

    async def post(client: int) -> None:
        asked = time.monotonic()
        await post_once(worker, client, room, target)
        posted.latencies.add(time.monotonic() - asked)
        free.put_nowait(client)

    async with asyncio.TaskGroup() as posts:
        for number in range(max(1, round(rate * seconds))):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            client = await free.get()
            posted.seconds = time.monotonic() - began + 1 / rate
            posts.create_task(post(client))
    return posted


async def keep_posting(worker: Worker, seconds: float, rooms: list[int], target: Target = SERVICE) -> Tally:
    """Each client posts as soon as it is answered, into one room after the other."""
    return await keep_asking(
        worker, seconds, lambda client, turn: post_once(worker, client, rooms[turn % len(rooms)], target)
    )


async def keep_asking(worker: Worker, seconds: float, ask: Callable[[int, int], Awaitable[None]]) -> Tally:
    """Each client asks as soon as it is answered: `ask` is given its number, and a number that hardly any other has."""
    answered = Tally()
    began = time.monotonic()

    async def go_on(client: int) -> None:
        turn = client
        while (asked := time.monotonic()) < began + seconds:
            turn += len(worker.connections) + 1
            await ask(client, turn)
            answered.latencies.add(time.monotonic() - asked)

    await asyncio.gather(*(go_on(client) for client in range(len(worker.connections))))
    answered.seconds = time.monotonic() - began
    return answered
