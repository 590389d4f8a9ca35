"""Runs short jobs side by side in one thread, each as a greenlet.

Where a job makes a batched call it yields, and the next job runs. When all have yielded, one batch serves them all, and
they go on. Threads would do the same, but take and release Python's interpreter lock a dozen times for each job.
SQLAlchemy's asyncio extension runs ordinary code in greenlets in the same way.

If a job waits in any other way, the other jobs of the thread wait, too. So such waits have to be short.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from django.db import connection
from greenlet import getcurrent, greenlet

MAX_JOBS_TOGETHER = 32

RunBatch = Callable[[list[Any]], None]
Result = TypeVar("Result")


class _Job:
    """A call, its result, and the future that waits for it in the event loop."""

    __slots__ = ("call", "error", "future", "loop", "result")

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.result: Any = None
        self.error: BaseException | None = None
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self.loop.create_future()


class _JobGreenlet(greenlet):
    """A job while it runs. `yielded` collects the batched calls of all jobs that run together."""

    def __init__(self, job: _Job, yielded: dict[RunBatch, list[tuple[Any, "_JobGreenlet"]]]) -> None:
        super().__init__()
        self.job = job
        self.yielded = yielded

    def run(self) -> None:
        try:
            self.job.result = self.job.call()
        except BaseException as error:  # noqa: BLE001 - it is raised to the one who waits for the job
            self.job.error = error


class CooperativeExecutor:
    """One thread for the short jobs of one event loop."""

    def __init__(self, name: str) -> None:
        self._guard = threading.Lock()
        self._is_closed = False
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, call: Callable[[], Result]) -> Result:
        """Run this together with the other jobs that wait, and return or raise what it does.

        RuntimeError once the executor is closed.
        """
        job = _Job(call)
        with self._guard:
            if self._is_closed:
                raise RuntimeError("The executor is closed.")
            self._waiting.put(job)
        await job.future
        if job.error is not None:
            raise job.error
        result: Result = job.result
        return result

    def close(self) -> None:
        """Run the waiting jobs, then end; returns when that is done. Not for the event loop, which must not block."""
        with self._guard:
            self._is_closed = True
            self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        is_ending = False
        while not is_ending:
            taken = [self._waiting.get()]
            with suppress(queue.Empty):
                while len(taken) < MAX_JOBS_TOGETHER:
                    taken.append(self._waiting.get_nowait())
            is_ending = None in taken
            jobs = [job for job in taken if job is not None and not job.future.cancelled()]
            if jobs:
                _run_together(jobs)
                # The loop is woken once for all of them.
                jobs[0].loop.call_soon_threadsafe(_finish, jobs)


def _finish(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if not job.future.done():
            job.future.set_result(None)


def _run_together(jobs: Sequence[_Job]) -> None:
    yielded: dict[RunBatch, list[tuple[Any, _JobGreenlet]]] = {}
    for member in [_JobGreenlet(job, yielded) for job in jobs]:
        member.switch()
    while yielded:
        # The smallest first: the jobs that go on may join the larger ones.
        run_batch = min(yielded, key=lambda batch: len(yielded[batch]))
        calls = yielded.pop(run_batch)
        run_batch([call for call, _ in calls])
        for _, member in calls:
            member.switch()


def yield_to_batch(run_batch: RunBatch, call: object) -> bool:
    """In a cooperative job: let the others run until `run_batch` was called with this call and theirs. Else False.

    RuntimeError where a transaction is open: the jobs share the thread's connection, so the others' statements would be
    part of it.
    """
    member = getcurrent()
    if not isinstance(member, _JobGreenlet):
        return False
    if connection.in_atomic_block:
        raise RuntimeError("A cooperative job must not make a batched call inside a transaction.")
    member.yielded.setdefault(run_batch, []).append((call, member))
    assert member.parent is not None
    member.parent.switch()
    return True
