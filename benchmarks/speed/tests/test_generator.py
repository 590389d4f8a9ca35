"""The processes that make the load: what goes in and out of them, and what they tell of themselves."""

import time

import pytest

from benchmarks.speed.generator import Generator, Load, Worker, load_of, reset_load


async def answer_long(worker: Worker, length: int) -> list[int]:
    return list(range(length))


async def work_hard(worker: Worker, seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


async def fail(worker: Worker) -> None:
    raise ValueError("on purpose")


def test_a_long_answer_arrives_whole() -> None:
    with Generator() as generator:
        assert generator.call(answer_long, 1_000_000) == list(range(1_000_000))


def test_what_goes_wrong_there_is_raised_here_and_the_process_goes_on() -> None:
    with Generator() as generator:
        with pytest.raises(RuntimeError, match="on purpose"):
            generator.call(fail)
        assert generator.call(answer_long, 3) == [0, 1, 2]


def test_a_busy_process_says_so() -> None:
    """By processor time and by the lag of its loop, whatever share of a core it is given here."""
    with Generator() as generator:
        generator.call(reset_load)
        began = time.monotonic()
        generator.call(work_hard, 0.3)
        busy = generator.call(load_of)
        assert busy.cpu_share >= 0.3 / (time.monotonic() - began) * 0.9
        assert not Load(0.5, 0.0).is_saturated
        assert Load(0.95, 0.0).is_saturated
