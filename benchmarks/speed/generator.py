"""The processes that make the load: each has one event loop, and does what it is asked, one thing at a time."""

import asyncio
import faulthandler
import gc
import multiprocessing
import resource
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection as Pipe
from typing import Any, TypeVar

import psutil
import uvloop

from benchmarks.client.http import Connection
from benchmarks.speed.streams import Streams

ANSWER_SECONDS = 300

Answer = TypeVar("Answer")


class Worker:
    """What lives in a generator's process, and what the functions that it is asked to run are given."""

    def __init__(self) -> None:
        self.streams: list[Streams] = []
        self.connections: list[Connection] = []
        # How many messages each connection has posted.
        self.posted: Counter[int] = Counter()
        # What receives webhooks, who sends them, and what came (receiver.py).
        self.server: asyncio.Server | None = None
        self.senders: list[asyncio.StreamWriter] = []
        self.arrivals: Any = None


class Generator:
    """`with Generator(name) as one: one.call(function, …)` runs `await function(worker, …)` in that process."""

    def __init__(self, name: str) -> None:
        self._name = name

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

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time that it used so far, by its name."""
        assert self._process.pid is not None
        return {self._name: sum(psutil.Process(self._process.pid).cpu_times()[:2])}


def raise_file_limit() -> None:
    """Let this process and those it starts open as many files as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _run(pipe: Pipe) -> None:
    faulthandler.enable()
    raise_file_limit()
    # What lives here lives as long as the measurement: looking through it for garbage would only delay arrivals.
    gc.disable()
    uvloop.run(_obey(pipe))


async def _obey(pipe: Pipe) -> None:
    worker = Worker()
    while True:
        try:
            # In a thread: a loop that watched the pipe itself would make it non-blocking, and break off long answers.
            function, arguments = await asyncio.to_thread(pipe.recv)
        except (EOFError, OSError):  # the parent is done with us, or gone
            return
        try:
            answer = True, await function(worker, *arguments)
        except Exception:  # noqa: BLE001 - whatever it is, the parent shall know
            answer = False, traceback.format_exc()
        await asyncio.to_thread(pipe.send, answer)
