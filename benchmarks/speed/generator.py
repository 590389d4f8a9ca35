"""The processes that make the load: each has one event loop, and does what it is asked, one thing at a time.

A generator that has no processor time left measures itself. So each tells what share of a core it used, and how late
its loop ran.
"""

import asyncio
import faulthandler
import gc
import multiprocessing
import resource
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from typing import Any, TypeVar

import uvloop

from benchmarks.client.http import Connection
from benchmarks.speed.histogram import Histogram
from benchmarks.speed.streams import Streams

LAG_STEP_SECONDS = 0.01
# A process that uses more of its core than this may have been what was slow.
SATURATED_SHARE = 0.9
ANSWER_SECONDS = 300

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Load:
    """How busy a generator was."""

    cpu_share: float
    lag_p99_seconds: float

    @property
    def is_saturated(self) -> bool:
        return self.cpu_share > SATURATED_SHARE


class Worker:
    """What lives in a generator's process, and what the functions that it is asked to run are given."""

    def __init__(self) -> None:
        self.streams: list[Streams] = []
        self.connections: list[Connection] = []
        # How many messages each connection has posted.
        self.posted: Counter[int] = Counter()
        self.reset_load()

    def reset_load(self) -> None:
        self._cpu = time.process_time()
        self._wall = time.monotonic()
        self.lags = Histogram()

    def load(self) -> Load:
        wall = max(1e-9, time.monotonic() - self._wall)
        return Load((time.process_time() - self._cpu) / wall, self.lags.percentile(0.99))

    async def watch_lag(self) -> None:
        while True:
            due = time.monotonic() + LAG_STEP_SECONDS
            await asyncio.sleep(LAG_STEP_SECONDS)
            self.lags.add(max(0.0, time.monotonic() - due))


class Generator:
    """`with Generator() as generator: generator.call(function, …)` runs `await function(worker, …)` in that process."""

    def __enter__(self) -> "Generator":
        context = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_run, args=(far,), daemon=True)
        self._process.start()
        far.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()  # it ends by that
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def begin(self, function: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        """Ask for something without waiting for the answer."""
        self._pipe.send((function, arguments))

    def finish(self) -> Any:
        """The answer to what was begun. RuntimeError with the trace of what went wrong there."""
        if not self._pipe.poll(ANSWER_SECONDS):
            raise RuntimeError("a generator does not answer")
        is_good, answer = self._pipe.recv()
        if not is_good:
            raise RuntimeError(f"in a generator:\n{answer}")
        return answer

    def call(self, function: Callable[..., Awaitable[Answer]], *arguments: Any) -> Answer:
        self.begin(function, *arguments)
        answer: Answer = self.finish()
        return answer


async def reset_load(worker: Worker) -> None:
    worker.reset_load()


async def load_of(worker: Worker) -> Load:
    return worker.load()


def raise_file_limit() -> int:
    """Let this process and those it starts open as many files as the system allows; how many that are."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def _run(pipe: Pipe) -> None:
    faulthandler.enable()
    raise_file_limit()
    # What lives here lives as long as the measurement: looking through it for garbage would only delay arrivals.
    gc.disable()
    uvloop.run(_obey(pipe))


async def _obey(pipe: Pipe) -> None:
    worker = Worker()
    lag = asyncio.create_task(worker.watch_lag())
    while True:
        try:
            # In a thread: a loop that watched the pipe itself would make it non-blocking, and break off long answers.
            function, arguments = await asyncio.to_thread(pipe.recv)
        except (EOFError, OSError):  # the parent is done with us, or gone
            lag.cancel()
            return
        answer = await _answer(worker, function, arguments)
        await asyncio.to_thread(pipe.send, answer)


async def _answer(worker: Worker, function: Callable[..., Awaitable[Any]], arguments: Any) -> tuple[bool, Any]:
    try:
        return True, await function(worker, *arguments)
    except Exception:  # noqa: BLE001 - whatever it is, the parent shall know
        return False, traceback.format_exc()
