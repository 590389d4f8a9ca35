"""Processes that sequence at the same time take turns, and nobody else waits for anybody."""

from types import SimpleNamespace

import pytest

from chatserver.events import rota as rota_module
from chatserver.events.rota import Rota


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr(rota_module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def busy(*order: str, mine: str, count: int = 80, rows: int = 1) -> Rota:
    """What a process sees after so many batches of these, one after the other, each of so many rows."""
    rota = Rota(mine)
    for number in range(count):
        rota.note_batch(rows, order[number % len(order)])
    return rota


def test_alone_there_are_no_turns(clock: SimpleNamespace) -> None:
    rota = Rota("a")
    for _ in range(500):
        rota.note_batch(9)
    assert rota.turn_in() == 0


def test_where_there_is_little_to_do_there_are_no_turns(clock: SimpleNamespace) -> None:
    assert busy("b", "c", mine="a", count=60).turn_in() == 0
    assert busy("b", "c", mine="a", count=61).turn_in() > 0


def test_where_much_is_to_be_shared_out_fewer_batches_begin_them(clock: SimpleNamespace) -> None:
    assert busy("b", "c", mine="a", count=26, rows=11).turn_in() == 0
    assert busy("b", "c", mine="a", count=25, rows=100).turn_in() == 0
    assert busy("b", "c", mine="a", count=26, rows=12).turn_in() > 0


@pytest.mark.parametrize(
    ("mine", "seconds"),
    [("b", 0.08), ("c", 0.05), ("d", 0.06), ("a", 0.07)],
)
def test_who_made_the_last_batch_comes_last_and_the_next_one_first(
    mine: str, seconds: float, clock: SimpleNamespace
) -> None:
    assert busy("a", "c", "d", "b", mine=mine).turn_in() == pytest.approx(seconds)


def test_ten_busy_processes_go_round(clock: SimpleNamespace) -> None:
    names = "abcdefghij"
    rota = busy(*names, mine="a", count=80)
    for name in names:
        clock.now += 0.05
        rota.note_batch(20, name)
    # Behind j comes a again, and b last of all who are before j.
    assert rota.turn_in() == pytest.approx(0.05)
    rota.note_batch(20, "a")
    assert rota.turn_in() == pytest.approx(0.05 + 0.09)


def test_an_own_batch_counts_like_that_of_another(clock: SimpleNamespace) -> None:
    rota = busy("b", mine="a")
    assert rota.turn_in() == pytest.approx(0.05)
    rota.note_batch(1)
    assert rota.turn_in() == pytest.approx(0.06)


def test_the_turn_comes_with_the_time(clock: SimpleNamespace) -> None:
    rota = busy("b", mine="a")
    clock.now += 0.03
    assert rota.turn_in() == pytest.approx(0.02)
    clock.now += 0.03
    assert rota.turn_in() == 0


def test_who_made_no_batch_lately_has_no_place_in_the_round(clock: SimpleNamespace) -> None:
    rota = Rota("a")
    rota.note_batch(1, "c")
    clock.now += 0.6
    for _ in range(80):
        rota.note_batch(1, "d")
    # Behind d comes a, and c is passed over.
    assert rota.turn_in() == pytest.approx(0.05)
    rota.note_batch(1)
    assert rota.turn_in() == pytest.approx(0.06)


def test_turns_that_have_begun_go_on_until_it_is_calm(clock: SimpleNamespace) -> None:
    rota = busy("b", mine="a")
    assert rota.turn_in() > 0
    # Fewer batches than those that began them, and fewer rows. It is asked all the while.
    clock.now += 0.9
    rota.note_batch(41, "b")
    assert rota.turn_in() > 0
    clock.now += 0.5
    rota.turn_in()
    clock.now += 0.4
    rota.note_batch(0, "b")
    assert rota.turn_in() > 0
    clock.now += 0.5
    rota.note_batch(40, "b")
    assert rota.turn_in() == 0
    rota.note_batch(20, "b")
    assert rota.turn_in() == 0


def test_turns_that_nobody_asked_about_for_a_while_have_ended(clock: SimpleNamespace) -> None:
    rota = busy("b", mine="a")
    assert rota.turn_in() > 0
    clock.now += 3_600
    rota.note_batch(41, "b")
    assert rota.turn_in() == 0


def test_what_is_a_second_old_is_forgotten(clock: SimpleNamespace) -> None:
    rota = busy("b", mine="a", count=60)
    clock.now += 0.9
    rota.note_batch(1, "b")
    assert rota.turn_in() > 0
    clock.now += 0.2
    assert rota.turn_in() == 0
