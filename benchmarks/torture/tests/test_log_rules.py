"""What the checker holds for wrong in the log as a whole: read markers, room.left, and names of the deleted."""

import time

import pytest

from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.log import EVENT, UNSUBSCRIBE, Row, digest_of
from benchmarks.torture.log_rules import Markers, check_departures, check_markers
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.violations import Violations

ALICE, ROOM = 1, 7


def moves(*types_and_seqs: tuple[str, int]) -> list[Row]:
    return [
        Row(position, EVENT, "room:7", row_type, marker=(ROOM, ALICE, seq))
        for position, (row_type, seq) in enumerate(types_and_seqs, 1)
    ]


def test_markers_move_forward_by_messages_and_by_reading() -> None:
    markers = Markers()
    rows = moves(("message.created", 1), ("read.updated", 3), ("message.created", 4))
    assert (list(check_markers(rows, markers)), markers) == ([], {(ROOM, ALICE): 4})


@pytest.mark.parametrize("seq", [3, 4])
def test_a_marker_that_moves_back_or_not_at_all_is_found(seq: int) -> None:
    assert len(list(check_markers(moves(("message.created", 4), ("read.updated", seq)), Markers()))) == 1


def test_who_enters_again_has_a_new_marker() -> None:
    markers = Markers()
    assert list(check_markers(moves(("read.updated", 4), ("member.added", 2), ("read.updated", 3)), markers)) == []
    assert markers == {(ROOM, ALICE): 3}


def test_who_hears_a_room_no_more_has_to_be_told() -> None:
    ended = Row(1, UNSUBSCRIBE, "room:7", user_ids=frozenset({ALICE}))
    told = Row(2, EVENT, "user:1", "room.left", left=(ROOM, ALICE))
    assert list(check_departures([ended, told])) == []
    assert len(list(check_departures([ended]))) == 1
    assert len(list(check_departures([ended, told, told]))) == 1


def test_people_count_by_their_ids() -> None:
    event = b'{"data":{"message":"{\\"id\\":5,","sender":%s}}'
    alice = b'{"id":5,"username":"alice","display_name":"\\"A\\" {","avatar_url":"","is_deleted":false}'
    gone = b'{"id":5,"username":"deleted 5","display_name":"","avatar_url":"","is_deleted":true}'
    assert digest_of(event % alice) == digest_of(event % gone)
    assert digest_of(event % alice) != digest_of(event % gone.replace(b'"id":5', b'"id":6'))


@pytest.mark.parametrize(
    ("asked_after", "is_from_log", "found"), [(-1, True, 0), (1, True, 1), (1, False, 0), (9, False, 1)]
)
def test_a_name_that_was_to_be_gone_is_found(asked_after: float, is_from_log: bool, found: int) -> None:
    oracle = Oracle(Violations(), FaultWindows(), allowance=1.0)
    transcript = oracle.transcript("bob", 2, 0, "token:7", None)
    oracle.deleted_at["Mortal 5"] = time.monotonic() - 10
    transcript.asked_at = oracle.deleted_at["Mortal 5"] + asked_after
    oracle.check_names(transcript, b'{"display_name":"Mortal 5"}', is_from_log=is_from_log)
    oracle.check_names(transcript, b'{"display_name":"Mortal 55"}', is_from_log=is_from_log)
    assert oracle.violations.counts["I9"] == found
