"""What the checker holds for right and for wrong in what a client was sent that came back with its last id."""

import time
from collections.abc import Sequence

from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.log import EVENT, REVOKE, SUBSCRIBE, UNSUBSCRIBE, Row
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.transcripts import EVENT as SENT
from benchmarks.torture.transcripts import HEARTBEAT
from benchmarks.torture.violations import Violations

ALICE, BOB = 1, 2
ROOM = "room:1"


def row(position: int, kind: int, user_id: int | None = None, credential: str | None = None) -> Row:
    users = frozenset() if user_id is None else frozenset({user_id})
    return Row(position, kind, ROOM, "message.created", users, position * 100, 10, credential=credential)


def violations_in(
    log: Sequence[Row],
    sent: list[int],
    *,
    last: int = 1,
    floor: int = 1,
    ceiling: int | None = None,
    upto: int | None = None,
    wrong_body: int = 0,
) -> dict[str, int]:
    """The violations where alice came back with `last` and was sent these positions.

    The log was visible up to `floor` when she asked, and up to `ceiling` (None: all of it) some time after the hello.
    """
    oracle = Oracle(Violations(), FaultWindows(), allowance=1.0)
    oracle.take_rows([each for each in log if each.position <= floor], time.monotonic())
    transcript = oracle.transcript("alice", ALICE, 0, "token:7", last)
    transcript.begin(last, is_resumed=True)
    rest = [each for each in log if each.position > floor]
    first = [each for each in rest if ceiling is None or each.position <= ceiling]
    oracle.take_rows(first, time.monotonic())
    oracle.take_rows(rest[len(first) :], time.monotonic())
    for position in sent:
        transcript.add(SENT, position, digest=0 if position == wrong_body else position * 100)
    if upto is not None:
        transcript.add(HEARTBEAT, upto)
    oracle.end(transcript)
    oracle.take_rows([], time.monotonic())
    assert oracle.compare()
    return dict(oracle.violations.counts)


THREE = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, EVENT)]


def test_everything_sent_is_right() -> None:
    assert violations_in(THREE, [2, 3, 4]) == {}


def test_one_left_out_is_found_in_the_replay_and_live() -> None:
    assert violations_in(THREE, [2, 4]) == {"I4": 1}
    assert violations_in(THREE, [2, 4], ceiling=1) == {"I4": 1}


def test_what_was_cut_off_behind_the_last_id_is_not_missed() -> None:
    assert violations_in(THREE, [2]) == {}


def test_a_heartbeat_vouches_for_everything_below_it() -> None:
    assert violations_in(THREE, [2], upto=3) == {"I4": 1}


def test_a_heartbeat_never_moves_back() -> None:
    assert violations_in(THREE, [2, 3, 4], upto=3) == {"I4": 1}


def test_an_event_that_comes_twice_is_found() -> None:
    assert violations_in(THREE, [2, 3, 3, 4]) == {"I4": 1}


def test_a_wrong_body_is_found() -> None:
    assert violations_in(THREE[:3], [2, 3], wrong_body=3) == {"I4": 1}


def test_a_room_that_was_left_meanwhile_may_be_replayed_or_not() -> None:
    """Bob's leaving does not matter; alice's does, and nobody knows whether the server looked before it or after."""
    left = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, UNSUBSCRIBE, ALICE), row(5, EVENT)]
    assert violations_in(left, [2, 3], upto=5) == {}
    assert violations_in(left, [], upto=5) == {}
    assert violations_in(left, [2], upto=5) == {"I6": 1}  # one look can't explain the one without the other
    assert violations_in(left, [2, 3], floor=4, upto=5) == {"I6": 2}  # it had been left before alice came
    assert violations_in(left, [], ceiling=1, upto=5) == {"I4": 2}  # it was left long after the look
    others = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, UNSUBSCRIBE, BOB), row(5, EVENT)]
    assert violations_in(others, [], upto=4) == {"I4": 2}


def test_a_room_that_was_left_and_entered_again_leaves_no_silent_gap() -> None:
    again = [
        row(1, SUBSCRIBE, ALICE),
        row(2, EVENT),
        row(3, UNSUBSCRIBE, ALICE),
        row(4, SUBSCRIBE, ALICE),
        row(5, EVENT),
    ]
    assert violations_in(again, [5], floor=4, upto=5) == {"I4": 1}
    assert violations_in(again, [2, 5], floor=1, upto=5) == {}
    assert violations_in(again, [5], floor=3, ceiling=3, upto=5) == {}  # it had been left, and not entered yet


def test_nothing_is_sent_behind_the_end_of_a_membership() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, UNSUBSCRIBE, ALICE), row(4, EVENT)]
    assert violations_in(log, [2, 4], ceiling=1) == {"I6": 1}
    assert violations_in(log, [2, 4]) == {"I6": 1}


def test_nothing_is_sent_behind_the_end_of_a_token() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, REVOKE, ALICE, "token:7"), row(4, EVENT)]
    assert violations_in(log, [2]) == {}
    assert violations_in(log, [2, 4], ceiling=1) == {"I6": 1}
    others = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, REVOKE, ALICE, "token:8"), row(4, EVENT)]
    assert violations_in(others, [2, 4], ceiling=1) == {}


def test_what_is_not_in_the_log_is_found() -> None:
    assert violations_in([*THREE[:3], row(5, EVENT)], [2, 3, 4, 5]) == {"I6": 1}


def test_what_was_told_before_the_log_had_it_is_found() -> None:
    oracle = Oracle(Violations(), FaultWindows(), allowance=1.0)
    oracle.take_rows(THREE[:2], time.monotonic())
    transcript = oracle.transcript("alice", ALICE, 0, "token:7", 2)
    transcript.begin(2, is_resumed=True)
    transcript.add(SENT, 3, digest=300)
    oracle.take_rows([], time.monotonic())
    oracle.take_rows([THREE[2]], time.monotonic())
    oracle.end(transcript)
    oracle.take_rows([], time.monotonic())
    assert oracle.compare()
    assert oracle.violations.counts == {"I1": 1}
