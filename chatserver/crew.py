"""Runs short jobs of one kind side by side: those that have come are run in one thread, each as a greenlet.

Where a job asks through a Joiner it stands aside, and the next one runs; when all stand aside, what they asked is
asked at once, and they go on. Threads would come to the same by passing Python's one lock around, a dozen times for
each job, and each time with a wait. SQLAlchemy's asyncio runs ordinary code in greenlets in the same way.

A job that has to wait for something of its own would hold up the others of its thread. It says so (`leave()`), and is
run anew, from its beginning, in a pool of ordinary threads.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet

# So many jobs are run together at most.
MOST_TOGETHER = 32

Answer = Callable[[list[Any]], None]


class _Leave(BaseException):  # noqa: N818 - no error, and no `except Exception` of the job's may stop it
    """Ends a job that is to be run elsewhere."""


class _Job:
    """A call, and what comes of it."""

    __slots__ = ("call", "future")

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.future: Future[Any] = Future()


class _Member(greenlet):
    """A job while it runs. `asked` is where it and the others put what they wait for."""

    def __init__(self, job: _Job, asked: dict[Answer, list[tuple[Any, "_Member"]]]) -> None:
        super().__init__()
        self.job = job
        self.asked = asked
        self.has_left = False

    def run(self) -> None:
        try:
            result = self.job.call()
        except _Leave:
            self.has_left = True
        except BaseException as error:  # noqa: BLE001 - it is to be raised by whoever waits for the job
            self.job.future.set_exception(error)
        else:
            self.job.future.set_result(result)


class Crew(Executor):
    """An executor of one thread. `elsewhere` runs the jobs that leave."""

    def __init__(self, name: str, elsewhere: Executor) -> None:
        self._elsewhere = elsewhere
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run this with whatever else waits when its turn comes."""
        job = _Job(partial(fn, *args, **kwargs))
        self._waiting.put(job)
        return job.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End behind what waits: that is short, so it is not cancelled."""
        self._waiting.put(None)
        if wait:
            self._thread.join()

    def _work(self) -> None:
        is_ending = False
        while not is_ending:
            taken = [self._waiting.get()]
            with suppress(queue.Empty):
                while len(taken) < MOST_TOGETHER:
                    taken.append(self._waiting.get_nowait())
            is_ending = None in taken
            jobs = [job for job in taken if job is not None and job.future.set_running_or_notify_cancel()]
            for job in _run_together(jobs):
                self._run_elsewhere(job)

    def _run_elsewhere(self, job: _Job) -> None:
        def tell(done: Future[Any]) -> None:
            error = done.exception()
            if error is None:
                job.future.set_result(done.result())
            else:
                job.future.set_exception(error)

        try:
            self._elsewhere.submit(job.call).add_done_callback(tell)
        except RuntimeError as error:  # it takes no more
            job.future.set_exception(error)


def _run_together(jobs: Sequence[_Job]) -> list[_Job]:
    """Run the jobs to their ends; returns those that have left."""
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
    return [member.job for member in members if member.has_left]


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
