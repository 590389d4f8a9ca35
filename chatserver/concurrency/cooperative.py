"""Runs short jobs of one kind side by side: those that have come are run in one thread, each as a greenlet.

Where a job asks through a Joiner it stands aside, and the next one runs; when all stand aside, what they asked is
asked at once, and they go on. Threads would come to the same by passing Python's one lock around, a dozen times for
each job, and each time with a wait. SQLAlchemy's asyncio runs ordinary code in greenlets in the same way.

What a job waits for by itself the others of its thread wait for, too, so that has to be short. A job that has to wait
longer says so (`leave()`), and is run anew, from its beginning, in a pool of ordinary threads.

After a round of several jobs a crew may rest, in proportion: then more have come for the next round, and what all of
them ask costs the same as what one asks. After a job that came alone it never rests.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

# So many jobs are run together at most.
MOST_TOGETHER = 32
# A request that comes during a rest waits for its end, so a rest has to be too short to notice.
MAX_REST_SECONDS = 0.008

Answer = Callable[[list[Any]], None]
Result = TypeVar("Result")

_has_left: ContextVar[bool] = ContextVar("has_left", default=False)


class _Leave(BaseException):  # noqa: N818 - no error, and no `except Exception` of the job's may stop it
    """Ends a job that is to be run elsewhere."""


class _Job:
    """A call, what came of it, and the future that waits for that in the event loop."""

    __slots__ = ("call", "error", "future", "loop", "result")

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.result: Any = None
        self.error: BaseException | None = None
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self.loop.create_future()


class _Member(greenlet):
    """A job while it runs. `asked` is where it and the others put what they wait for."""

    def __init__(self, job: _Job, asked: dict[Answer, list[tuple[Any, "_Member"]]]) -> None:
        super().__init__()
        self.job = job
        self.asked = asked

    def run(self) -> None:
        try:
            self.job.result = self.job.call()
        except BaseException as error:  # noqa: BLE001 - it is to be raised by whoever waits for the job
            self.job.error = error


class Crew:
    """One thread for the jobs of one event loop. `elsewhere` runs those that leave.

    After a round of several it rests for `rest_share` of the time that the round took, unless a full round waits.
    """

    def __init__(self, name: str, elsewhere: Executor, rest_share: float = 0.0) -> None:
        self._elsewhere = elsewhere
        self._rest_share = rest_share
        self._guard = threading.Lock()
        self._is_closed = False
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, call: Callable[[], Result]) -> Result:
        """Run this with whatever else waits when its turn comes, and return or raise what it does.

        RuntimeError once it is closed, as of an Executor.
        """
        job = _Job(call)
        with self._guard:
            if self._is_closed:
                raise RuntimeError("The crew is closed.")
            self._waiting.put(job)
        await job.future
        if isinstance(job.error, _Leave):
            return await job.loop.run_in_executor(self._elsewhere, _run_anew, call)
        if job.error is not None:
            raise job.error
        result: Result = job.result
        return result

    def close(self) -> None:
        """Run what waits, then end; returns when that is done, which is soon. Not in the event loop: it is needed."""
        with self._guard:
            self._is_closed = True
            self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        is_ending = False
        while not is_ending:
            taken = [self._waiting.get()]
            with suppress(queue.Empty):
                while len(taken) < MOST_TOGETHER:
                    taken.append(self._waiting.get_nowait())
            is_ending = None in taken
            jobs = [job for job in taken if job is not None and not job.future.cancelled()]
            if jobs:
                began = time.monotonic()
                _run_together(jobs)
                # The loop is woken once for all of them.
                jobs[0].loop.call_soon_threadsafe(_settle, jobs)
                if len(jobs) > 1 and self._rest_share and self._waiting.qsize() < MOST_TOGETHER:
                    time.sleep(min(MAX_REST_SECONDS, self._rest_share * (time.monotonic() - began)))


def _settle(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if not job.future.done():
            job.future.set_result(None)


def _run_anew(call: Callable[[], Result]) -> Result:
    token = _has_left.set(True)
    try:
        return call()
    finally:
        _has_left.reset(token)


def _run_together(jobs: Sequence[_Job]) -> None:
    """Run the jobs to their ends."""
    asked: dict[Answer, list[tuple[Any, _Member]]] = {}
    members = [_Member(job, asked) for job in jobs]
    for member in members:
        member.switch()
    while asked:
        answer = next(iter(asked))
        those = asked.pop(answer)
        answer([call for call, _ in those])
        for _, member in those:
            member.switch()


def stand_aside(answer: Answer, call: object) -> bool:
    """In a crew: let the others run until `answer` was called with this and with theirs. False where there is no crew.

    No transaction may be open: the others share the thread's connection.
    """
    member = getcurrent()
    if not isinstance(member, _Member):
        return False
    member.asked.setdefault(answer, []).append((call, member))
    assert member.parent is not None
    member.parent.switch()
    return True


def leave() -> None:
    """In a crew: end this job here and run it anew where it may wait. It must have changed nothing so far."""
    if isinstance(getcurrent(), _Member):
        raise _Leave


def has_left() -> bool:
    """Whether this job has left a crew: all that it did there it does again, and what was counted counts twice."""
    return _has_left.get()
