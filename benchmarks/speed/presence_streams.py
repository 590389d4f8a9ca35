"""People who come and go: streams that open and close. This runs in a generator's process."""

import asyncio
import random
import time
from collections import deque

from benchmarks.client.http import Connection
from benchmarks.speed.generator import Worker

CONNECTIONS = 8


async def come_and_go(worker: Worker, absent: list[str], rate: float, seconds: float) -> list[str]:
    """So many times a second somebody goes, and one of those who are absent comes. Returns who is absent then."""
    (streams,) = worker.streams
    chance = random.Random(absent[0])  # noqa: S311 - not the same people again
    waiting, began = deque(absent), time.monotonic()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        place = chance.randrange(len(streams.all))
        waiting.append(streams.all[place].token)
        await streams.replace(place, waiting.popleft())
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    return list(waiting)


async def report_activity(worker: Worker, port: int, tokens: list[str], rate: float, seconds: float) -> int:
    """So many times a second one of these people reports that they do something. Returns how many did."""
    chance = random.Random(5)  # noqa: S311 - the same each time
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    count, began = round(rate * seconds), time.monotonic()

    async def report_some(first: int) -> None:
        for number in range(first, count, CONNECTIONS):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            path = "/api/v1/users/me/activity/"
            answer = await connections[first].request("POST", path, b"{}", token=chance.choice(tokens))
            if answer.status not in {204, 404}:  # a checkout from before it has no such path
                raise RuntimeError(f"{path} was answered with {answer}")

    async with asyncio.TaskGroup() as tasks:
        for first in range(CONNECTIONS):
            tasks.create_task(report_some(first))
    for connection in connections:
        connection.close()
    return count
