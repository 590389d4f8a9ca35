"""The streams of a plan, spread over several generators and seen as one."""

import asyncio
import time
from dataclasses import dataclass, replace

from benchmarks.speed.generator import Generator, Load, Worker, load_of, reset_load
from benchmarks.speed.streams import Plan, Received, Streams

SETTLE_STEP_SECONDS = 0.01


@dataclass(frozen=True)
class Outcome:
    """What all streams got since begin(), and how busy the busiest generator was."""

    received: Received
    load: Load
    is_complete: bool


class StreamGroup:
    """Opened once, measured as often as one likes."""

    def __init__(self, generators: list[Generator], plan: Plan) -> None:
        self._generators = generators
        self._parts = [replace(plan, tokens=plan.tokens[index :: len(generators)]) for index in range(len(generators))]
        self.size = len(plan.tokens)

    def open(self) -> None:
        """Open all streams at once and wait until each is live."""
        for generator, part in zip(self._generators, self._parts, strict=True):
            generator.begin(open_streams, part)
        for generator in self._generators:
            generator.finish()

    def begin(self) -> None:
        """Forget what came so far: the measurement begins here."""
        for generator in self._generators:
            generator.call(reset_load)
            generator.call(take_received)

    def wait(self, events_each: int, seconds: float) -> Outcome:
        """Wait until each stream has got so many events since begin(), within a limit."""
        for generator, part in zip(self._generators, self._parts, strict=True):
            generator.begin(settle, events_each * len(part.tokens), seconds)
        for generator in self._generators:
            generator.finish()
        loads = [generator.call(load_of) for generator in self._generators]
        received = Received()
        for generator in self._generators:
            received.merge(generator.call(take_received))
        is_complete = received.events == events_each * self.size
        return Outcome(received, max(loads, key=lambda load: load.cpu_share), is_complete)

    def close(self) -> None:
        for generator in self._generators:
            generator.call(close_streams)


async def open_streams(worker: Worker, plan: Plan) -> None:
    streams = Streams(plan)
    worker.streams.append(streams)
    await streams.open()


async def take_received(worker: Worker) -> Received:
    received = Received()
    for streams in worker.streams:
        received.merge(streams.take_received())
    return received


async def settle(worker: Worker, events: int, seconds: float) -> None:
    """Wait until so many events have come to this process, within a limit, or until a stream is closed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        received = [streams.received for streams in worker.streams]
        if sum(part.events for part in received) >= events or any(part.closed for part in received):
            return
        await asyncio.sleep(SETTLE_STEP_SECONDS)


async def close_streams(worker: Worker) -> None:
    for streams in worker.streams:
        streams.close()
    worker.streams = []
    await asyncio.sleep(0.1)  # so that the sockets are closed for the other side, too
