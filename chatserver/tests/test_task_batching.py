"""What tasks ask at the same time is worked off together, and each gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from chatserver.concurrency.task_batching import TaskJoiner
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


async def begin(joiner: TaskJoiner[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    calls = [asyncio.create_task(joiner.ask(number)) for number in numbers]
    for _ in range(3):
        await asyncio.sleep(0)
    return calls


def test_those_that_come_while_one_is_worked_for_are_worked_for_together_but_for_who_has_gone() -> None:
    async def main() -> None:
        work = Slow()
        joiner = TaskJoiner(work, 100)
        calls = await begin(joiner, 1)
        calls += await begin(joiner, 2, 3, 4, 5)
        assert work.batches == [[1]]
        calls[2].cancel()
        await asyncio.sleep(0)
        work.may_go.set()
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT)
        assert work.batches == [[1], [2, 4, 5]]
        assert [answers[0], answers[1], answers[4]] == [2, 4, 10]
        assert isinstance(answers[2], asyncio.CancelledError)
        assert isinstance(answers[3], LookupError)
        assert await asyncio.wait_for(joiner.ask(6), LIMIT) == 12

    run(main())


def test_who_goes_while_he_is_worked_for_takes_nobodys_answer() -> None:
    async def main() -> None:
        work = Slow()
        joiner = TaskJoiner(work, 100)
        await begin(joiner, 1)
        gone, stays = await begin(joiner, 2, 3)
        work.may_go.set()
        while len(work.batches) < 2:
            await asyncio.sleep(0)
        gone.cancel()
        assert await asyncio.wait_for(stays, LIMIT) == 6

    run(main())


def test_no_batch_is_larger_than_it_may_be_and_an_error_is_that_of_its_batch_alone() -> None:
    async def main() -> None:
        work = Slow()
        joiner = TaskJoiner(work, 2)
        calls = await begin(joiner, 1)
        calls += await begin(joiner, 13, 2, 3, 5, 6)
        work.may_go.set()
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT)
        assert work.batches == [[1], [13, 2], [3, 5], [6]]
        assert [str(answer) for answer in answers] == ["2", "thirteen", "thirteen", "6", "10", "12"]
        with pytest.raises(ValueError, match="thirteen"):
            await asyncio.wait_for(joiner.ask(13), LIMIT)

    run(main())


def test_when_the_work_is_cancelled_nobody_waits_for_it_any_more() -> None:
    async def main() -> None:
        asked: list[int] = []

        async def work(numbers: Sequence[int]) -> list[int | Exception]:
            asked.extend(numbers)
            if 1 in numbers:
                raise asyncio.CancelledError  # as a pool has it that was shut down
            return [2 * number for number in numbers]

        joiner = TaskJoiner[int, int](work, 2)
        calls = [asyncio.create_task(joiner.ask(number)) for number in (1, 2, 3)]
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LIMIT)
        assert [type(answer) for answer in answers] == 3 * [asyncio.CancelledError]
        assert asked == [1, 2]
        assert await asyncio.wait_for(joiner.ask(4), LIMIT) == 8

    run(main())
