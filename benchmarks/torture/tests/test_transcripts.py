"""What the checker holds for right and for wrong in one visit of a client that comes back with its last id."""

from benchmarks.torture.comparison import Comparison
from benchmarks.torture.log import EVENT, REVOKE, SUBSCRIBE, UNSUBSCRIBE, Row, Rows
from benchmarks.torture.promotions import Promotions
from benchmarks.torture.transcripts import Arrival, Visit
from benchmarks.torture.violations import Findings

ALICE, BOB = 1, 2
ROOM = "room:1"


def row(position: int, kind: int, user_id: int | None = None, credential: str | None = None) -> Row:
    users = frozenset() if user_id is None else frozenset({user_id})
    return Row(position, kind, ROOM, "message.created", users, position * 100, 10, {"credential": credential})


def found_in(
    log: list[Row],
    told: list[int],
    *,
    last: int = 1,
    floor: int = 1,
    ceiling: int | None = None,
    upto: int | None = None,
    wrong_body: int = 0,
) -> dict[str, int]:
    """The violations in a visit of alice, who came back with `last` and was told these positions."""
    findings, rows = Findings(), Rows()
    for each in log:
        rows.append(each)
    comparison = Comparison(ALICE, rows, Promotions(), findings, lambda *_: None)
    visit = Visit("alice", 0, "token:7", last, floor)
    visit.begin(last, is_fresh=False)
    visit.ceiling = rows.position if ceiling is None else ceiling
    visit.upto = upto or max([last, *told])
    for position in told:
        visit.arrivals.append(Arrival(position, 0 if position == wrong_body else position * 100, 0.0))
    visit.end()
    comparison.visits.append(visit)
    comparison.catch_up()
    assert not comparison.visits
    return dict(findings.counts)


def test_everything_told_is_right() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, EVENT)]
    assert found_in(log, [2, 3, 4]) == {}


def test_one_left_out_is_found_in_the_replay_and_live() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, EVENT)]
    assert found_in(log, [2, 4]) == {"I4": 1}
    assert found_in(log, [2, 4], ceiling=1) == {"I4": 1}


def test_what_was_cut_off_behind_the_last_id_is_not_missed() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, EVENT)]
    assert found_in(log, [2]) == {}


def test_a_heartbeat_vouches_for_everything_below_it() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, EVENT)]
    assert found_in(log, [2], upto=3) == {"I4": 1}


def test_a_wrong_body_is_found() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT)]
    assert found_in(log, [2, 3], wrong_body=3) == {"I4": 1}


def test_a_room_that_was_left_meanwhile_may_be_replayed_or_not() -> None:
    """Bob's leaving does not matter; alice's does, and nobody knows whether the server looked before it or after."""
    left = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, UNSUBSCRIBE, ALICE), row(5, EVENT)]
    assert found_in(left, [2, 3], upto=5) == {}
    assert found_in(left, [], upto=5) == {}
    assert found_in(left, [2], upto=5) == {"I6": 1}  # one look can't explain the one without the other
    assert found_in(left, [2, 3], floor=4, upto=5) == {"I6": 2}  # it had been left before alice came
    assert found_in(left, [], ceiling=1, upto=5) == {"I4": 2}  # it was left long after the look
    others = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(4, UNSUBSCRIBE, BOB), row(5, EVENT)]
    assert found_in(others, [], upto=4) == {"I4": 2}


def test_nothing_is_told_behind_the_end_of_a_membership() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, UNSUBSCRIBE, ALICE), row(4, EVENT)]
    assert found_in(log, [2, 4], ceiling=1) == {"I6": 1}
    assert found_in(log, [2, 4]) == {"I6": 1}


def test_nothing_is_told_behind_the_end_of_a_token() -> None:
    log = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, REVOKE, ALICE, "token:7"), row(4, EVENT)]
    assert found_in(log, [2]) == {}
    assert found_in(log, [2, 4], ceiling=1) == {"I6": 1}
    others = [row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, REVOKE, ALICE, "token:8"), row(4, EVENT)]
    assert found_in(others, [2, 4], ceiling=1) == {}


def test_what_is_not_in_the_log_is_found() -> None:
    assert found_in([row(1, SUBSCRIBE, ALICE), row(2, EVENT), row(3, EVENT), row(5, EVENT)], [2, 3, 4, 5]) == {"I6": 1}
