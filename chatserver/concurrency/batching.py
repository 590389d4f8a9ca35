"""Batches calls that come at the same time: one round trip serves them all.

The first call runs at once. Calls that come while it runs wait, and run together as one batch when it has ended. So no
call waits for others to come: a single call goes through immediately, and under load one batch carries many.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from chatserver.concurrency import cooperative

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Call(Generic[Item, Result]):
    """One caller's item and its result. `may_go` is released when the call is done, or has to run the next batch."""

    __slots__ = ("error", "is_done", "item", "may_go", "result")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.is_done = False
        self.may_go = threading.Lock()
        self.may_go.acquire()


class ThreadBatcher(Generic[Item, Result]):
    """Batches calls of threads. In a cooperative executor all jobs that have yielded make one batch.

    `work` gets up to `max_batch` items and returns a result for each, in their order: a value, or an exception, which
    is raised to that caller alone. What `work` itself raises is raised to every caller of the batch.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result | Exception]], max_batch: int) -> None:
        self._work = work
        self._max_batch = max_batch
        self._guard = threading.Lock()
        self._waiting: list[_Call[Item, Result]] = []
        self._is_busy = False

    def call(self, item: Item) -> Result:
        """The result of this item, worked out in this thread or in that of another caller."""
        call: _Call[Item, Result] = _Call(item)
        if not cooperative.yield_to_batch(self._run, call):
            self._run_or_wait(call)
        if call.error is not None:
            raise call.error
        return call.result  # type: ignore[return-value]  # a call that is done without an error has one

    def _run_or_wait(self, call: _Call[Item, Result]) -> None:
        with self._guard:
            self._waiting.append(call)
            must_wait, self._is_busy = self._is_busy, True
        if must_wait:
            call.may_go.acquire()
        if not call.is_done:
            self._run_batch()

    def _run_batch(self) -> None:
        """Run the calls that have waited longest, the caller's among them, then let the next caller run a batch."""
        with self._guard:
            batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
        self._run(batch)
        with self._guard:
            following = self._waiting[0] if self._waiting else None
            self._is_busy = following is not None
        for call in batch:
            call.is_done = True
            call.may_go.release()
        if following is not None:
            following.may_go.release()

    def _run(self, batch: Sequence[_Call[Item, Result]]) -> None:
        try:
            results = self._work([call.item for call in batch])
            for call, result in zip(batch, results, strict=True):
                if isinstance(result, Exception):
                    call.error = result
                else:
                    call.result = result
        except BaseException as error:  # noqa: BLE001 - it is each caller's to raise
            for call in batch:
                call.error = error


class TaskBatcher(Generic[Item, Result]):
    """The same for tasks of one event loop."""

    def __init__(
        self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]], max_batch: int
    ) -> None:
        self._work = work
        self._max_batch = max_batch
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def call(self, item: Item) -> Result:
        """The result of this item."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, result))
        if self._worker is None:
            self._worker = loop.create_task(self._run_batches())
        return await result

    async def _run_batches(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._max_batch, len(self._waiting)))]
                await self._run([call for call in batch if not call[1].cancelled()])
        finally:
            self._worker = None

    async def _run(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except asyncio.CancelledError:
            # The server stops. Without a result these callers would wait for ever.
            for _, waiting in [*batch, *self._waiting]:
                waiting.cancel()
            self._waiting.clear()
            raise
        except Exception as error:  # noqa: BLE001 - it is each caller's to raise
            results = [error] * len(batch)
        for (_, waiting), result in zip(batch, results, strict=True):
            if waiting.cancelled():
                continue  # its client has gone
            if isinstance(result, Exception):
                waiting.set_exception(result)
            else:
                waiting.set_result(result)
