"""Streams that break now and then and come back with their last id. This runs in a generator's process."""

import asyncio
import random
import time

from benchmarks.speed.generator import Worker
from benchmarks.speed.tally import Tally


async def reconnect_at(worker: Worker, rate: float, seconds: float) -> Tally:
    """Have so many of the streams a second, any of them, come back. How long it takes until they are live again."""
    (streams,) = worker.streams
    chance = random.Random(3)  # noqa: S311 - the same each time
    back, began = Tally(seconds=seconds), time.monotonic()

    async def come_back() -> None:
        asked = time.monotonic()
        await streams.reopen(chance.randrange(len(streams.all)))
        back.latencies.add(time.monotonic() - asked)

    async with asyncio.TaskGroup() as tasks:
        for number in range(max(1, round(rate * seconds))):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            tasks.create_task(come_back())
    return back
