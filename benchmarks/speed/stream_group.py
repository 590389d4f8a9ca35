"""So many streams, spread over the processes of generators, seen as one."""

import asyncio
import time
from dataclasses import dataclass, replace

from benchmarks.speed.generator import Generator, Load, Worker, load_of, reset_load
from benchmarks.speed.streams import Listeners, Plan, Seen

SETTLE_STEP_SECONDS = 0.01


@dataclass(frozen=True)
class Heard:
    """What an audience saw of one run, and how busy its busiest generator was."""

    seen: Seen
    load: Load
    is_complete: bool


class Audience:
    """The streams of a plan. Opened once; heard as often as one likes."""

    def __init__(self, generators: list[Generator], plan: Plan) -> None:
        self._generators = generators
        self._parts = [replace(plan, tokens=plan.tokens[index :: len(generators)]) for index in range(len(generators))]
        self.size = len(plan.tokens)

    def open(self) -> int:
        """Open all streams at once and wait until each is live; the last position that one of them was greeted with."""
        self.begin_opening()
        return self.finish_opening()

    def begin_opening(self) -> None:
        for generator, part in zip(self._generators, self._parts, strict=True):
            generator.begin(open_streams, part)

    def finish_opening(self) -> int:
        return max(generator.finish() for generator in self._generators)

    def begin(self) -> None:
        """Forget what was seen so far: the run begins here."""
        for generator in self._generators:
            generator.call(reset_load)
            generator.call(take_seen)

    def hear(self, events_each: int, seconds: float) -> Heard:
        """Wait until each stream has seen so many events since begin(), within a limit."""
        for generator, part in zip(self._generators, self._parts, strict=True):
            generator.begin(settle, events_each * len(part.tokens), seconds)
        for generator in self._generators:
            generator.finish()
        loads = [generator.call(load_of) for generator in self._generators]
        seen = Seen()
        for generator in self._generators:
            seen.merge(generator.call(take_seen))
        return Heard(seen, max(loads, key=lambda load: load.cpu_share), seen.events == events_each * self.size)

    def close(self) -> None:
        for generator in self._generators:
            generator.call(close_streams)


async def open_streams(worker: Worker, plan: Plan) -> int:
    listeners = Listeners(plan)
    worker.listeners.append(listeners)
    await listeners.open()
    return listeners.position


async def take_seen(worker: Worker) -> Seen:
    seen = Seen()
    for listeners in worker.listeners:
        seen.merge(listeners.take_seen())
    return seen


async def settle(worker: Worker, events: int, seconds: float) -> None:
    """Wait until so many events have come to this process, within a limit, or until a stream is closed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen = [listeners.seen for listeners in worker.listeners]
        if sum(part.events for part in seen) >= events or any(part.closed for part in seen):
            return
        await asyncio.sleep(SETTLE_STEP_SECONDS)


async def close_streams(worker: Worker) -> None:
    for listeners in worker.listeners:
        listeners.close()
    worker.listeners = []
    await asyncio.sleep(0.1)  # so that the sockets are closed for the other side, too
