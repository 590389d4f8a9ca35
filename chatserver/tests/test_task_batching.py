"""Calls of tasks that come at the same time make one batch, and each gets its own result."""

import asyncio
from collections.abc import Sequence

import pytest

from chatserver.concurrency.batching import TaskBatcher
from chatserver.tests.harness.loops import run

LIMIT = 10


class Slow:
    """Doubles numbers, in batches that wait until the test lets them go. Notes what it was given at once."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        await asyncio.wait_for(self.may_go.wait(), LIMIT)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [LookupError("four") if number == 4 else 2 * number for number in numbers]


async def begin(batcher: TaskBatcher[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    calls = [asyncio.create_task(batcher.call(number)) for number in numbers]
    for _ in range(3):
        await asyncio.sleep(0)
    return calls


def test_calls_that_come_while_a_batch_runs_make_the_next_one_without_those_cancelled() -> None:
    async def main() -> None:
        work = Slow()
        batcher = TaskBatcher(work, 100)
        calls = await begin(batcher, 1)
        calls += await begin(batcher, 2, 3, 4, 5)
        assert work.batches == [[1]]
        calls[2].cancel()
        await asyncio.sleep(0)
        work.may_go.set()
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT)
        assert work.batches == [[1], [2, 4, 5]]
        assert [answers[0], answers[1], answers[4]] == [2, 4, 10]
        assert isinstance(answers[2], asyncio.CancelledError)
        assert isinstance(answers[3], LookupError)
        assert await asyncio.wait_for(batcher.call(6), LIMIT) == 12

    run(main())


def test_a_call_cancelled_while_its_batch_runs_takes_no_other_calls_result() -> None:
    async def main() -> None:
        work = Slow()
        batcher = TaskBatcher(work, 100)
        await begin(batcher, 1)
        gone, stays = await begin(batcher, 2, 3)
        work.may_go.set()
        while len(work.batches) < 2:
            await asyncio.sleep(0)
        gone.cancel()
        assert await asyncio.wait_for(stays, LIMIT) == 6

    run(main())


def test_no_batch_is_larger_than_the_limit_and_an_error_is_that_of_its_batch_alone() -> None:
    async def main() -> None:
        work = Slow()
        batcher = TaskBatcher(work, 2)
        calls = await begin(batcher, 1)
        calls += await begin(batcher, 13, 2, 3, 5, 6)
        work.may_go.set()
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT)
        assert work.batches == [[1], [13, 2], [3, 5], [6]]
        assert [str(answer) for answer in answers] == ["2", "thirteen", "thirteen", "6", "10", "12"]
        with pytest.raises(ValueError, match="thirteen"):
            await asyncio.wait_for(batcher.call(13), LIMIT)

    run(main())


def test_when_the_work_is_cancelled_no_caller_waits_for_it() -> None:
    async def main() -> None:
        asked: list[int] = []

        async def work(numbers: Sequence[int]) -> list[int | Exception]:
            asked.extend(numbers)
            if 1 in numbers:
                raise asyncio.CancelledError  # as a pool has it that was shut down
            return [2 * number for number in numbers]

        batcher = TaskBatcher[int, int](work, 2)
        calls = [asyncio.create_task(batcher.call(number)) for number in (1, 2, 3)]
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT)
        assert [type(answer) for answer in answers] == 3 * [asyncio.CancelledError]
        assert asked == [1, 2]
        assert await asyncio.wait_for(batcher.call(4), LIMIT) == 8

    run(main())
