"""Calls of threads that come at the same time make one batch, and each gets its own result."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatserver.concurrency.batching import ThreadBatcher
from chatserver.tests.harness.waiting import wait_for


class Slow:
    """Doubles numbers, in batches that wait until the test lets them go. Notes what it was given at once."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go = threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        assert self.may_go.wait(10)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [LookupError("four") if number == 4 else 2 * number for number in numbers]


def test_calls_that_come_while_a_batch_runs_make_the_next_one() -> None:
    work = Slow()
    batcher = ThreadBatcher(work, max_batch=100)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher.call, 1)
        wait_for(lambda: work.batches == [[1]])
        others = [pool.submit(batcher.call, number) for number in (2, 3, 5, 6, 7, 8)]
        wait_for(lambda: len(batcher._waiting) == 6)
        work.may_go.set()
        assert first.result(10) == 2
        assert [other.result(10) for other in others] == [4, 6, 10, 12, 14, 16]
    assert [sorted(batch) for batch in work.batches] == [[1], [2, 3, 5, 6, 7, 8]]


def test_no_batch_is_larger_than_the_limit() -> None:
    work = Slow()
    batcher = ThreadBatcher(work, max_batch=2)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(batcher.call, number) for number in (0, 1, 2, 3, 5)]
        wait_for(lambda: len(batcher._waiting) == 4)
        work.may_go.set()
        assert [call.result(10) for call in calls] == [0, 2, 4, 6, 10]
    assert max(len(batch) for batch in work.batches) == 2


def test_an_error_of_the_batch_is_raised_to_all_its_callers_and_to_nobody_else() -> None:
    work = Slow()
    batcher = ThreadBatcher(work, max_batch=100)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher.call, 1)
        wait_for(lambda: work.batches == [[1]])
        others = [pool.submit(batcher.call, number) for number in (12, 13)]
        wait_for(lambda: len(batcher._waiting) == 2)
        work.may_go.set()
        assert first.result(10) == 2
        for other in others:
            with pytest.raises(ValueError, match="thirteen"):
                other.result(10)
    assert batcher.call(5) == 10


def test_an_error_of_one_item_is_raised_to_its_caller_alone() -> None:
    work = Slow()
    batcher = ThreadBatcher(work, max_batch=100)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher.call, 1)
        wait_for(lambda: work.batches == [[1]])
        four, five = (pool.submit(batcher.call, number) for number in (4, 5))
        wait_for(lambda: len(batcher._waiting) == 2)
        work.may_go.set()
        assert (first.result(10), five.result(10)) == (2, 10)
        with pytest.raises(LookupError, match="four"):
            four.result(10)
