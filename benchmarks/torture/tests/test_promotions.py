"""What the checker holds for right and for wrong where a promotion lost the end of the log."""

from collections import Counter

from benchmarks.torture.fault_windows import Weather
from benchmarks.torture.log import EVENT, SUBSCRIBE, Row
from benchmarks.torture.loss import Loss
from benchmarks.torture.operations import MESSAGE
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.transcripts import Visit
from benchmarks.torture.violations import Findings

ALICE = 1
ROOM = "room:1"
JUMP = 3_000_000_000


def row(position: int, kind: int = EVENT, mark: str | None = None, seq: int = 0) -> Row:
    body = {"client_message_id": mark, "room_id": 1, "seq": seq}
    row_type = MESSAGE if mark else "room.renamed"
    return Row(position, kind, ROOM, row_type, frozenset({ALICE}), position * 100, 10, body)


class Story:
    """A log of 1 to 3; a replica that has 2 is promoted; then come two rows behind the jump."""

    def __init__(self) -> None:
        self.findings = Findings()
        self.oracle = Oracle(self.findings, Weather(), 1.0)
        self.comparison = self.oracle.comparison_of(ALICE)
        self.take(row(1, SUBSCRIBE), row(2), row(3))

    def take(self, *rows: Row) -> None:
        self.oracle.take_rows(list(rows), float("inf"))

    def promote(self) -> None:
        self.oracle.lose(Loss(2, [row(3)], Counter(), {ALICE: {ROOM}}))
        self.take(row(JUMP), row(JUMP + 1))

    def visit(self, last: int | None, hello: int, *told: int, is_resumed: bool = False, reason: str = "") -> Visit:
        visit = self.oracle.visit_of("alice", 0, "token:7", last)
        self.hear(visit, hello, *told, is_resumed=is_resumed, reason=reason)
        return visit

    def hear(self, visit: Visit, hello: int, *told: int, is_resumed: bool = False, reason: str = "") -> None:
        self.comparison.visits.append(visit)
        self.oracle.begun(visit, hello, is_resumed=is_resumed)
        if reason:
            self.oracle.was_reset(visit, reason, hello)
        for position in told:
            self.oracle.arrived(visit, position, position * 100)

    def found(self, visit: Visit) -> dict[str, int]:
        visit.end()
        self.oracle.take_rows([], float("inf"))
        self.oracle.compare()
        assert self.findings or not self.comparison.visits
        return dict(self.findings.counts)


def test_who_heard_what_was_lost_gets_a_reset_and_goes_on() -> None:
    for reason in ("lost", "future"):
        story = Story()
        story.visit(None, 1, 2, 3).end()
        story.promote()
        assert story.found(story.visit(3, 2, JUMP, JUMP + 1, reason=reason)) == {}


def test_who_heard_nothing_of_it_is_resumed_and_not_reset() -> None:
    story = Story()
    story.visit(None, 1, 2).end()
    story.promote()
    assert story.found(story.visit(2, 2, JUMP, JUMP + 1, is_resumed=True)) == {}
    story = Story()
    story.visit(None, 1, 2).end()
    story.promote()
    assert story.found(story.visit(2, JUMP + 1, reason="lost")) == {"I4": 2}  # it had missed one event, besides


def test_a_resume_from_what_was_lost_is_found() -> None:
    story = Story()
    story.visit(None, 1, 2, 3).end()
    story.promote()
    assert "I4" in story.found(story.visit(3, 3, is_resumed=True))


def test_a_stream_that_goes_on_behind_what_was_lost_is_found() -> None:
    story = Story()
    visit = story.visit(None, 1, 2, 3)
    story.promote()
    story.oracle.arrived(visit, JUMP, JUMP * 100)
    assert "I4" in story.found(visit)


def test_a_stream_that_had_heard_nothing_of_it_goes_on() -> None:
    story = Story()
    visit = story.visit(None, 1, 2)
    story.promote()
    for position in (JUMP, JUMP + 1):
        story.oracle.arrived(visit, position, position * 100)
    assert story.found(visit) == {}


def test_what_was_told_before_it_was_lost_has_to_be_right_and_whole() -> None:
    story = Story()
    visit = story.visit(None, 1, 3)
    story.promote()
    assert story.found(visit) == {"I4": 1}


def test_a_process_that_has_yet_to_notice_may_tell_it_once_more() -> None:
    story = Story()
    story.visit(None, 1, 2, 3).end()
    story.promote()
    story.visit(3, 2, 3, reason="lost").end()
    assert story.found(story.visit(3, JUMP + 1, reason="lost")) == {}


def test_a_position_that_is_given_again_is_found() -> None:
    story = Story()
    story.oracle.lose(Loss(2, [row(3)], Counter(), {}))
    story.take(row(3))
    assert story.findings.counts["I2"] == 1


def lost_messages(lost: Counter[tuple[str, str]], *behind: Row) -> dict[str, int]:
    """The violations where two messages were acknowledged, the second is on the lost end, and these rows come then."""
    story = Story()
    ledger = story.oracle.ledger
    story.take(row(4, mark="bob-1", seq=1), row(5, mark="bob-2", seq=2))
    for seq in (1, 2):
        ledger.message_acknowledged(f"bob-{seq}", 1, seq, ledger.highest_seq(1))
    story.oracle.lose(Loss(4, [row(5, mark="bob-2", seq=2)], Counter(lost), {}))
    story.take(*behind)
    ledger.settle()
    return dict(story.findings.counts)


def test_an_acknowledged_message_may_be_missing_only_where_the_replica_did_not_have_it() -> None:
    assert lost_messages(Counter({(MESSAGE, "bob-2"): 1})) == {}
    assert lost_messages(Counter()) == {"I1": 1}
    # The replica had it and lacked its number: it is numbered anew. Or another message gets the seq.
    assert lost_messages(Counter(), row(JUMP, mark="bob-2", seq=2)) == {}
    assert lost_messages(Counter({(MESSAGE, "bob-2"): 1}), row(JUMP, mark="bob-3", seq=2)) == {}
    assert lost_messages(Counter({(MESSAGE, "bob-2"): 1}), row(JUMP, mark="bob-3", seq=3)) == {"I3": 1}
