"""Calls that come at the same time are worked off together, and each gets its own answer."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatserver.concurrency.batching import Joiner
from chatserver.tests.harness.waiting import wait_for


class Slow:
    """Doubles numbers, in batches that wait until the test lets them go. Notes what it was given at once."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go = threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        assert self.may_go.wait(10)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


def test_those_that_come_while_one_works_are_worked_off_together() -> None:
    work = Slow()
    joiner = Joiner(work, most=100)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(joiner.ask, 1)
        wait_for(lambda: work.batches == [[1]])
        others = [pool.submit(joiner.ask, number) for number in range(2, 8)]
        wait_for(lambda: len(joiner._waiting) == 6)
        work.may_go.set()
        assert first.result(10) == 2
        assert [other.result(10) for other in others] == [4, 6, 8, 10, 12, 14]
    assert [sorted(batch) for batch in work.batches] == [[1], [2, 3, 4, 5, 6, 7]]


def test_no_batch_is_larger_than_it_may_be() -> None:
    work = Slow()
    joiner = Joiner(work, most=2)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(joiner.ask, number) for number in range(5)]
        wait_for(lambda: len(joiner._waiting) == 4)
        work.may_go.set()
        assert [call.result(10) for call in calls] == [0, 2, 4, 6, 8]
    assert max(len(batch) for batch in work.batches) == 2


def test_an_error_is_everybodys_in_the_batch_and_nobody_elses() -> None:
    work = Slow()
    joiner = Joiner(work, most=100)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(joiner.ask, 1)
        wait_for(lambda: work.batches == [[1]])
        others = [pool.submit(joiner.ask, number) for number in (12, 13)]
        wait_for(lambda: len(joiner._waiting) == 2)
        work.may_go.set()
        assert first.result(10) == 2
        for other in others:
            with pytest.raises(ValueError, match="thirteen"):
                other.result(10)
    assert joiner.ask(5) == 10
