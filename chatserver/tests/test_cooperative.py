"""Jobs that run side by side in one thread, and the ones that leave it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from chatserver.concurrency import cooperative as crew_module
from chatserver.concurrency.batching import Joiner
from chatserver.concurrency.cooperative import Crew, leave
from chatserver.tests.harness.loops import run

LIMIT = 10


class Doubling:
    """Doubles numbers, and notes which it was given at once and in which thread. It can't do 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.threads: set[str] = set()
        self.joiner: Joiner[int, int] = Joiner(self._work, most=100)

    def _work(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.threads.add(threading.current_thread().name)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


@asynccontextmanager
async def crew_with(elsewhere: ThreadPoolExecutor) -> AsyncIterator[Crew]:
    crew = Crew("crew", elsewhere)
    yield crew
    await asyncio.to_thread(crew.close)


@asynccontextmanager
async def busy(crew: Crew) -> AsyncIterator[None]:
    """Keeps the crew busy, so that what is given to it within is run together, afterwards."""
    may_end, has_begun = threading.Event(), threading.Event()

    def hold() -> None:
        has_begun.set()
        may_end.wait(LIMIT)

    holding = asyncio.create_task(crew.run(hold))
    assert await asyncio.to_thread(has_begun.wait, LIMIT)
    yield
    await asyncio.sleep(0)  # what was given to it has been put in its queue
    may_end.set()
    await holding


def given(crew: Crew, *calls: Callable[[], Any]) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(crew.run(call)) for call in calls]


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, "elsewhere") as pool:
        yield pool


def test_what_they_ask_is_asked_at_once_and_each_gets_his_answers(elsewhere: ThreadPoolExecutor) -> None:
    doubling, other = Doubling(), Doubling()

    def twice(number: int) -> tuple[int, int]:
        return doubling.joiner.ask(number), other.joiner.ask(100 * number)

    async def main() -> None:
        async with crew_with(elsewhere) as crew:
            async with busy(crew):
                jobs = given(crew, *(partial(twice, number) for number in range(5)))
            assert await asyncio.gather(*jobs) == [(2 * number, 200 * number) for number in range(5)]

    run(main())
    assert doubling.batches == [[0, 1, 2, 3, 4]]
    assert other.batches == [[0, 100, 200, 300, 400]]
    assert doubling.threads == {"crew"}


def test_what_is_asked_in_vain_is_raised_to_each(elsewhere: ThreadPoolExecutor) -> None:
    ask = Doubling().joiner.ask

    async def main() -> None:
        async with crew_with(elsewhere) as crew:
            async with busy(crew):
                jobs = given(crew, partial(ask, 1), partial(ask, 13))
            for job in jobs:
                with pytest.raises(ValueError, match="thirteen"):
                    await job
            assert await crew.run(partial(ask, 2)) == 4

    run(main())


@pytest.mark.parametrize("error", [ValueError, GeneratorExit])
def test_an_error_is_nobody_elses(elsewhere: ThreadPoolExecutor, error: type[BaseException]) -> None:
    doubling = Doubling()

    def fail() -> None:
        doubling.joiner.ask(1)
        raise error

    async def main() -> None:
        async with crew_with(elsewhere) as crew:
            async with busy(crew):
                failing, other = given(crew, fail, partial(doubling.joiner.ask, 2))
            with pytest.raises(error):
                await failing
            assert await other == 4

    run(main())
    assert doubling.batches == [[1, 2]]


def test_who_leaves_is_run_anew_elsewhere_and_holds_nobody_up(elsewhere: ThreadPoolExecutor) -> None:
    doubling, ran, may_end = Doubling(), [], threading.Event()

    def wait() -> int:
        answer = doubling.joiner.ask(1)
        ran.append(threading.current_thread().name)
        try:
            leave()
        except Exception:  # noqa: BLE001 - as Django and DRF have it around a view: it must not stop him
            pytest.fail("leave() is no error")
        may_end.wait(LIMIT)
        return answer

    async def main() -> None:
        async with crew_with(elsewhere) as crew:
            async with busy(crew):
                waiting, other = given(crew, wait, partial(doubling.joiner.ask, 2))
            assert await other == 4
            assert await crew.run(partial(doubling.joiner.ask, 3)) == 6
            assert not waiting.done()
            may_end.set()
            assert await waiting == 2

    run(main())
    assert ran == ["crew", "elsewhere_0"]


def test_an_error_elsewhere_is_told(elsewhere: ThreadPoolExecutor) -> None:
    def fail() -> None:
        leave()
        raise ValueError("elsewhere")

    async def main() -> None:
        async with crew_with(elsewhere) as crew:
            with pytest.raises(ValueError, match="elsewhere"):
                await crew.run(fail)

    run(main())


def test_what_was_cancelled_is_not_run(elsewhere: ThreadPoolExecutor) -> None:
    ran: list[int] = []

    async def main() -> None:
        async with crew_with(elsewhere) as crew:
            async with busy(crew):
                jobs = given(crew, *(partial(ran.append, number) for number in range(3)))
                await asyncio.sleep(0)
                jobs[1].cancel()
            await jobs[2]

    run(main())
    assert ran == [0, 2]


class Clock:
    """A clock that stands still but for `seconds` that each look takes; notes how long it was told to sleep."""

    def __init__(self, seconds: float) -> None:
        self.rests: list[float] = []
        self._seconds = seconds
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += self._seconds
        return self._now

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)


@pytest.mark.parametrize(
    ("jobs", "seconds", "rests"),
    [
        (1, 0.01, []),
        (2, 0.01, [0.005]),
        (2, 10.0, [crew_module.MAX_REST_SECONDS]),
        # Behind the first round a full one waits.
        (2 * crew_module.MOST_TOGETHER, 0.01, [0.005]),
    ],
)
def test_it_rests_after_several(
    elsewhere: ThreadPoolExecutor,
    jobs: int,
    seconds: float,
    rests: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(seconds)
    monkeypatch.setattr(crew_module, "time", clock)

    async def main() -> None:
        crew = Crew("crew", elsewhere, rest_share=0.5)
        async with busy(crew):
            waiting = given(crew, *[int] * jobs)
        await asyncio.gather(*waiting)
        await asyncio.to_thread(crew.close)

    run(main())
    assert clock.rests == pytest.approx(rests)


def test_it_ends_behind_what_waits(elsewhere: ThreadPoolExecutor) -> None:
    ask = Doubling().joiner.ask

    async def main() -> None:
        crew = Crew("crew", elsewhere)
        async with busy(crew):
            jobs = given(crew, *(partial(ask, number) for number in range(100, 150)))
            await asyncio.sleep(0)
            closing = asyncio.create_task(asyncio.to_thread(crew.close))
        assert await asyncio.gather(*jobs) == [2 * number for number in range(100, 150)]
        await asyncio.wait_for(closing, LIMIT)

    run(main())


def test_what_comes_behind_the_end_is_refused(elsewhere: ThreadPoolExecutor) -> None:
    async def main() -> None:
        crew = Crew("crew", elsewhere)
        await asyncio.to_thread(crew.close)
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(crew.run(int), LIMIT)

    run(main())


def test_leave_is_nothing_elsewhere() -> None:
    leave()
