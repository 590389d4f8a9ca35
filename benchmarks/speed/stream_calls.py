"""What a generator is asked to do with streams. These functions run in its process."""

import asyncio
import time

from benchmarks.speed.generator import Worker
from benchmarks.speed.streams import Plan, Received, Streams

SETTLE_STEP_SECONDS = 0.01


async def open_streams(worker: Worker, plan: Plan) -> None:
    """Open all streams of a plan, and wait until each is live."""
    worker.streams.append(Streams(plan))
    await worker.streams[-1].open()


async def take_received(worker: Worker) -> Received:
    """What came to all streams since the last time."""
    received = Received()
    for streams in worker.streams:
        received.merge(streams.take_received())
    return received


async def settle(worker: Worker, events: int, seconds: float) -> Received:
    """Wait until so many events have come since the last time, within a limit, or until a stream is closed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        parts = [streams.received for streams in worker.streams]
        if sum(part.events for part in parts) >= events or any(part.closed for part in parts):
            break
        await asyncio.sleep(SETTLE_STEP_SECONDS)
    return await take_received(worker)


async def close_streams(worker: Worker) -> None:
    for streams in worker.streams:
        streams.close()
    worker.streams = []
    await asyncio.sleep(0.1)  # so that the sockets are closed for the other side, too
