"""Jobs that run side by side in one thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from chatserver.concurrency import cooperative
from chatserver.concurrency.batching import ThreadBatcher
from chatserver.concurrency.cooperative import CooperativeExecutor
from chatserver.tests.harness.loops import run

LIMIT = 10


class Doubling:
    """Doubles numbers, and notes its batches and in which threads they ran. 13 fails its batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.threads: set[str] = set()
        self.batcher: ThreadBatcher[int, int] = ThreadBatcher(self._work, max_batch=100)

    def _work(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.threads.add(threading.current_thread().name)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


@asynccontextmanager
async def open_executor() -> AsyncIterator[CooperativeExecutor]:
    executor = CooperativeExecutor("executor")
    yield executor
    await asyncio.to_thread(executor.close)


@asynccontextmanager
async def busy(executor: CooperativeExecutor) -> AsyncIterator[None]:
    """Keeps the executor busy, so that the jobs submitted within run together afterwards."""
    may_end, has_begun = threading.Event(), threading.Event()

    def hold() -> None:
        has_begun.set()
        may_end.wait(LIMIT)

    holding = asyncio.create_task(executor.run(hold))
    assert await asyncio.to_thread(has_begun.wait, LIMIT)
    yield
    await asyncio.sleep(0)  # what was submitted has been put in its queue
    may_end.set()
    await holding


def submit(executor: CooperativeExecutor, *calls: Callable[[], Any]) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(executor.run(call)) for call in calls]


def test_batched_calls_of_all_jobs_make_one_batch_and_each_gets_its_result() -> None:
    doubling, other = Doubling(), Doubling()

    def twice(number: int) -> tuple[int, int]:
        return doubling.batcher.call(number), other.batcher.call(100 * number)

    async def main() -> None:
        async with open_executor() as executor:
            async with busy(executor):
                jobs = submit(executor, *(partial(twice, number) for number in range(5)))
            assert await asyncio.gather(*jobs) == [(2 * number, 200 * number) for number in range(5)]

    run(main())
    assert doubling.batches == [[0, 1, 2, 3, 4]]
    assert other.batches == [[0, 100, 200, 300, 400]]
    assert doubling.threads == {"executor"}


def test_an_error_of_a_batch_is_raised_in_each_job() -> None:
    call = Doubling().batcher.call

    async def main() -> None:
        async with open_executor() as executor:
            async with busy(executor):
                jobs = submit(executor, partial(call, 1), partial(call, 13))
            for job in jobs:
                with pytest.raises(ValueError, match="thirteen"):
                    await job
            assert await executor.run(partial(call, 2)) == 4

    run(main())


@pytest.mark.parametrize("error", [ValueError, GeneratorExit])
def test_an_error_of_one_job_is_no_other_jobs(error: type[BaseException]) -> None:
    doubling = Doubling()

    def fail() -> None:
        doubling.batcher.call(1)
        raise error

    async def main() -> None:
        async with open_executor() as executor:
            async with busy(executor):
                failing, other = submit(executor, fail, partial(doubling.batcher.call, 2))
            with pytest.raises(error):
                await failing
            assert await other == 4

    run(main())
    assert doubling.batches == [[1, 2]]


def test_a_batched_call_inside_a_transaction_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class InTransaction:
        in_atomic_block = True

    doubling = Doubling()
    monkeypatch.setattr(cooperative, "connection", InTransaction)

    async def main() -> None:
        async with open_executor() as executor:
            with pytest.raises(RuntimeError, match="inside a transaction"):
                await executor.run(partial(doubling.batcher.call, 1))

    run(main())
    assert doubling.batches == []


def test_a_cancelled_job_does_not_run() -> None:
    ran: list[int] = []

    async def main() -> None:
        async with open_executor() as executor:
            async with busy(executor):
                jobs = submit(executor, *(partial(ran.append, number) for number in range(3)))
                await asyncio.sleep(0)
                jobs[1].cancel()
            await jobs[2]

    run(main())
    assert ran == [0, 2]


def test_it_closes_when_all_that_waits_has_run() -> None:
    call = Doubling().batcher.call

    async def main() -> None:
        executor = CooperativeExecutor("executor")
        async with busy(executor):
            jobs = submit(executor, *(partial(call, number) for number in range(100, 150)))
            await asyncio.sleep(0)
            closing = asyncio.create_task(asyncio.to_thread(executor.close))
        assert await asyncio.gather(*jobs) == [2 * number for number in range(100, 150)]
        await asyncio.wait_for(closing, LIMIT)

    run(main())


def test_a_job_after_the_close_is_refused() -> None:
    async def main() -> None:
        executor = CooperativeExecutor("executor")
        await asyncio.to_thread(executor.close)
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(executor.run(int), LIMIT)

    run(main())
