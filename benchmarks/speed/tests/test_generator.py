"""The processes that make the load: what goes in and out of them, and their processor time."""

import time

import pytest

from benchmarks.speed.generator import Generator, Worker


async def answer_long(worker: Worker, length: int) -> list[int]:
    return list(range(length))


async def work_hard(worker: Worker, seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


async def fail(worker: Worker) -> None:
    raise ValueError("on purpose")


def test_a_long_answer_arrives_whole() -> None:
    with Generator("writers") as generator:
        assert generator.call(answer_long, 1_000_000) == list(range(1_000_000))


def test_what_goes_wrong_there_is_raised_here_and_the_process_goes_on() -> None:
    with Generator("writers") as generator:
        with pytest.raises(RuntimeError, match="on purpose"):
            generator.call(fail)
        assert generator.call(answer_long, 3) == [0, 1, 2]


def test_the_processor_time_is_told_by_name() -> None:
    with Generator("writers") as generator:
        before = generator.cpu_seconds()["writers"]
        generator.call(work_hard, 0.3)
        assert generator.cpu_seconds()["writers"] >= before + 0.25
