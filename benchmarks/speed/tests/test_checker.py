"""The checker of streams finds what it is there for."""

import pytest

from benchmarks.speed.checker import Checker, batch_of
from benchmarks.speed.events import Event


def event(seq: int, position: int, room: int = 0) -> Event:
    return Event(room, seq, position, 0.0)


def faults(checker: Checker, *events: Event) -> list[str]:
    found = [checker.fault_of(one) for one in events]
    return [fault for fault in found if fault is not None]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([event(4, 10), event(5, 12), event(6, 13)], id="one room"),
        pytest.param(
            [event(4, 10), event(90, 11, room=2), event(5, 12), event(91, 13, room=2)], id="rooms are counted apart"
        ),
        pytest.param([event(4, 0), event(5, 0)], id="a peer without positions is checked by seq alone"),
    ],
)
def test_a_whole_stream_has_no_fault(events: list[Event]) -> None:
    assert faults(Checker(), *events) == []


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ([event(4, 10), event(6, 12), event(7, 13)], "gap: seq 6 of room 0 came where 5 was due"),
        ([event(4, 10), event(4, 10), event(5, 11)], "repeat or wrong order: seq 4 of room 0 came where 5 was due"),
        ([event(4, 10), event(8, 12, room=2), event(5, 11)], "wrong order: position 11 came behind 12"),
        ([event(4, 10), event(1, 11, room=7)], "wrong room: an event of room 7"),
        ([event(4, 0), event(6, 0)], "gap: seq 6 of room 0 came where 5 was due"),
    ],
)
def test_a_fault_is_found_and_told_once(events: list[Event], fault: str) -> None:
    assert faults(Checker(rooms=frozenset({0, 2})), *events) == [fault]


def test_a_wrong_order_within_a_room_is_found() -> None:
    assert len(faults(Checker(), event(4, 10), event(6, 12), event(5, 11))) == 2


@pytest.mark.parametrize(("first", "what"), [(5, "gap"), (3, "repeat")])
def test_what_is_missing_or_too_much_at_the_start_is_found(first: int, what: str) -> None:
    (fault,) = faults(Checker(expected={0: 4}), event(first, 10))
    assert fault.startswith(what)


GOOD = [event(4, 10), event(90, 11, room=2), event(5, 12)]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [event(4, 10), event(6, 12)],
        [event(4, 10), event(4, 12)],
        [event(4, 10), event(5, 10)],
        [event(4, 10), event(90, 9, room=2)],
    ],
)
def test_events_that_do_not_follow_are_no_batch(events: list[Event]) -> None:
    assert batch_of(events) is None


def test_a_batch_that_follows_is_taken_whole() -> None:
    batch = batch_of(GOOD)
    assert batch is not None
    checker = Checker(expected={0: 4, 2: 90})
    assert checker.takes(batch)
    assert (checker.next_seq(0), checker.next_seq(2), checker.position) == (6, 91, 12)
    assert not checker.takes(batch)


@pytest.mark.parametrize(
    "before", [[], [event(3, 9)], [event(2, 8), event(89, 9, room=2)], [event(3, 9), event(89, 10, room=2)]]
)
def test_a_batch_that_does_not_follow_changes_nothing(before: list[Event]) -> None:
    """Rooms that were not heard of, a gap, and a position that was there before."""
    batch = batch_of(GOOD)
    assert batch is not None
    checker = Checker()
    faults(checker, *before)
    stood = (checker.next_seq(0), checker.next_seq(2), checker.position)
    assert not checker.takes(batch)
    assert (checker.next_seq(0), checker.next_seq(2), checker.position) == stood


def test_a_batch_of_a_peer_without_positions_is_checked_by_seq_alone() -> None:
    batch = batch_of([event(4, 0), event(5, 0)])
    assert batch is not None
    assert Checker(expected={0: 4}).takes(batch)
    assert not Checker(expected={0: 3}).takes(batch)
