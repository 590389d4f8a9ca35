"""Jobs that run side by side in one thread, and the ones that leave it."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from chatserver.crew import Crew, leave
from chatserver.joining import Joiner
from chatserver.tests.harness.waiting import wait_for


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


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, "elsewhere") as pool:
        yield pool


@pytest.fixture
def crew(elsewhere: ThreadPoolExecutor) -> Iterator[Crew]:
    crew = Crew("crew", elsewhere)
    yield crew
    crew.shutdown()


@pytest.fixture
def gate(crew: Crew) -> Iterator[threading.Event]:
    """Keeps the crew busy, so that what is submitted waits and is run together, until the test opens it."""
    gate, has_begun = threading.Event(), threading.Event()

    def hold() -> None:
        has_begun.set()
        gate.wait(10)

    crew.submit(hold)
    assert has_begun.wait(10)
    yield gate
    gate.set()


def test_what_they_ask_is_asked_at_once_and_each_gets_his_answers(crew: Crew, gate: threading.Event) -> None:
    doubling, other = Doubling(), Doubling()

    def twice(number: int) -> tuple[int, int]:
        return doubling.joiner.ask(number), other.joiner.ask(100 * number)

    jobs = [crew.submit(twice, number) for number in range(5)]
    gate.set()
    assert [job.result(10) for job in jobs] == [(2 * number, 200 * number) for number in range(5)]
    assert doubling.batches == [[0, 1, 2, 3, 4]]
    assert other.batches == [[0, 100, 200, 300, 400]]
    assert doubling.threads == {"crew"}


def test_what_is_asked_in_vain_is_raised_to_each(crew: Crew, gate: threading.Event) -> None:
    doubling = Doubling()
    jobs = [crew.submit(doubling.joiner.ask, number) for number in (1, 13)]
    gate.set()
    for job in jobs:
        with pytest.raises(ValueError, match="thirteen"):
            job.result(10)
    assert crew.submit(doubling.joiner.ask, 2).result(10) == 4


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_an_error_is_nobody_elses(crew: Crew, gate: threading.Event, error: type[BaseException]) -> None:
    doubling = Doubling()

    def fail(number: int) -> None:
        doubling.joiner.ask(number)
        raise error

    jobs: list[Future[int | None]] = [crew.submit(fail, 1), crew.submit(doubling.joiner.ask, 2)]
    gate.set()
    with pytest.raises(error):
        jobs[0].result(10)
    assert jobs[1].result(10) == 4
    assert doubling.batches == [[1, 2]]


def test_who_leaves_is_run_anew_elsewhere_and_holds_nobody_up(
    crew: Crew, gate: threading.Event, elsewhere: ThreadPoolExecutor
) -> None:
    doubling, ran, may_end = Doubling(), [], threading.Event()

    def wait() -> int:
        answer = doubling.joiner.ask(1)
        ran.append(threading.current_thread().name)
        try:
            leave()
        except Exception:  # noqa: BLE001 - as Django and DRF have it around a view: it must not stop him
            pytest.fail("leave() is no error")
        may_end.wait(10)
        return answer

    waiting, other = crew.submit(wait), crew.submit(doubling.joiner.ask, 2)
    gate.set()
    assert other.result(10) == 4
    assert crew.submit(doubling.joiner.ask, 3).result(10) == 6
    wait_for(lambda: len(ran) == 2)
    assert not waiting.done()
    may_end.set()
    assert waiting.result(10) == 2
    assert ran == ["crew", "elsewhere_0"]


def test_an_error_elsewhere_is_told(crew: Crew, elsewhere: ThreadPoolExecutor) -> None:
    def fail() -> None:
        leave()
        raise ValueError("elsewhere")

    with pytest.raises(ValueError, match="elsewhere"):
        crew.submit(fail).result(10)
    elsewhere.shutdown()
    with pytest.raises(RuntimeError):
        crew.submit(fail).result(10)


def test_what_was_cancelled_is_not_run(crew: Crew, gate: threading.Event) -> None:
    ran: list[int] = []
    jobs = [crew.submit(ran.append, number) for number in range(3)]
    assert jobs[1].cancel()
    gate.set()
    jobs[2].result(10)
    assert ran == [0, 2]


def test_it_ends_behind_what_waits(crew: Crew, gate: threading.Event) -> None:
    doubling = Doubling()
    jobs = [crew.submit(doubling.joiner.ask, number) for number in range(100, 150)]
    crew.shutdown(wait=False)
    gate.set()
    assert [job.result(10) for job in jobs] == [2 * number for number in range(100, 150)]
    wait_for(lambda: not crew._thread.is_alive())


def test_leave_is_nothing_elsewhere() -> None:
    leave()
