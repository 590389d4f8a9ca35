"""Sequencers rest in proportion when alone, and take turns when others are at work."""

import pytest

from chatserver.events.pace import (
    BUSY_BATCHES,
    MAX_REST_SECONDS,
    MAX_SHARED_REST_SECONDS,
    REST_FACTOR,
    SHARED_SECONDS,
    WINDOW_SECONDS,
    Pace,
)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def note_batches(pace: Pace, count: int, *origins: str) -> None:
    for number in range(count):
        pace.note(origins[number % len(origins)])


def test_alone_it_rests_in_proportion(clock: Clock) -> None:
    pace = Pace(clock)
    for _ in range(10 * BUSY_BATCHES):
        pace.note()
    assert pace.rest_seconds(0.002) == REST_FACTOR * 0.002
    assert pace.rest_seconds(1.0) == MAX_REST_SECONDS


def test_a_few_batches_of_others_change_nothing(clock: Clock) -> None:
    pace = Pace(clock)
    note_batches(pace, BUSY_BATCHES, "a", "b")
    assert pace.rest_seconds(0.002) == REST_FACTOR * 0.002


def test_beside_busy_others_it_rests_for_each_of_them(clock: Clock) -> None:
    pace = Pace(clock)
    note_batches(pace, BUSY_BATCHES, "a", "b", "c")
    pace.note()
    assert pace.rest_seconds(0.002) == pytest.approx(4 * SHARED_SECONDS)


def test_it_counts_itself_among_them_before_its_first_batch(clock: Clock) -> None:
    pace = Pace(clock)
    note_batches(pace, BUSY_BATCHES + 1, "a")
    assert pace.rest_seconds(0.002) == pytest.approx(2 * SHARED_SECONDS)


def test_however_many_they_are_the_rest_stays_short(clock: Clock) -> None:
    pace = Pace(clock)
    note_batches(pace, 500, *(str(number) for number in range(100)))
    assert pace.rest_seconds(0.002) == MAX_SHARED_REST_SECONDS


def test_who_fell_silent_is_forgotten(clock: Clock) -> None:
    pace = Pace(clock)
    note_batches(pace, 2 * BUSY_BATCHES, "a", "b")
    clock.now += WINDOW_SECONDS + 0.01
    assert pace.rest_seconds(0.002) == REST_FACTOR * 0.002
