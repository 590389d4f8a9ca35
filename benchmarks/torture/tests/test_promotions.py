"""What the checker holds for right and for wrong where a promotion lost the end of the log."""

import time
from collections import Counter

from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.log import EVENT, MESSAGE, SUBSCRIBE, Operation, Row
from benchmarks.torture.loss import Loss
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.transcripts import EVENT as SENT
from benchmarks.torture.transcripts import RESET, Transcript
from benchmarks.torture.violations import Violations

ALICE = 1
ROOM = "room:1"
JUMP = 3_000_000_000


def row(position: int, kind: int = EVENT, message: str | None = None, seq: int = 0) -> Row:
    operation = (MESSAGE, message) if message else None
    row_type = MESSAGE if message else "room.renamed"
    return Row(position, kind, ROOM, row_type, frozenset({ALICE}), position * 100, 10, operation, 1, seq)


class Story:
    """A log of 1 to 3; a replica that has 2 is promoted; then come two rows behind the jump."""

    def __init__(self) -> None:
        self.oracle = Oracle(Violations(), FaultWindows(), 1.0)
        self.take(row(1, SUBSCRIBE), row(2), row(3))

    def take(self, *rows: Row) -> None:
        self.oracle.take_rows(list(rows), time.monotonic())

    def promote(self) -> None:
        self.oracle.lose(Loss(2, [row(3)], Counter()))
        self.take(row(JUMP), row(JUMP + 1))

    def open(self, last: int | None, hello: int, *sent: int, is_resumed: bool = False, reason: str = "") -> Transcript:
        transcript = self.oracle.transcript("alice", ALICE, 0, "token:7", last)
        transcript.begin(hello, is_resumed=is_resumed)
        if reason:
            transcript.add(RESET, hello, reason=reason)
        self.send(transcript, *sent)
        self.take()
        return transcript

    def send(self, transcript: Transcript, *positions: int) -> None:
        for position in positions:
            transcript.add(SENT, position, digest=position * 100)

    def violations(self, *transcripts: Transcript) -> dict[str, int]:
        for transcript in transcripts:
            self.oracle.end(transcript)
        self.take()
        assert self.oracle.compare()
        return dict(self.oracle.violations.counts)


def test_who_was_told_what_was_lost_gets_a_reset_and_goes_on() -> None:
    for reason in ("lost", "future"):
        story = Story()
        before = story.open(None, 1, 2, 3)
        story.promote()
        assert story.violations(before, story.open(3, 2, JUMP, JUMP + 1, reason=reason)) == {}


def test_who_was_told_nothing_of_it_is_resumed_and_not_reset() -> None:
    story = Story()
    story.promote()
    assert story.violations(story.open(2, 2, JUMP, JUMP + 1, is_resumed=True)) == {}
    story = Story()
    story.promote()
    # It had missed two events, which is no reason either.
    assert story.violations(story.open(2, JUMP + 1, reason="lost")) == {"I4": 2}


def test_a_resume_from_what_was_lost_is_found() -> None:
    story = Story()
    story.promote()
    assert "I4" in story.violations(story.open(3, 3, is_resumed=True))


def test_a_stream_that_goes_on_behind_what_was_lost_is_found() -> None:
    story = Story()
    transcript = story.open(None, 1, 2, 3)
    story.promote()
    story.send(transcript, JUMP)
    assert "I4" in story.violations(transcript)


def test_a_stream_that_was_told_nothing_of_it_goes_on() -> None:
    story = Story()
    transcript = story.open(None, 1, 2)
    story.promote()
    story.send(transcript, JUMP, JUMP + 1)
    assert story.violations(transcript) == {}


def test_what_was_told_before_it_was_lost_has_to_be_right_and_whole() -> None:
    story = Story()
    transcript = story.open(None, 1, 3)
    story.promote()
    assert story.violations(transcript) == {"I4": 1}


def test_a_process_that_has_yet_to_notice_may_tell_it_once_more() -> None:
    story = Story()
    before = story.open(None, 1, 2, 3)
    story.promote()
    again = story.open(3, 2, 3, reason="lost")
    assert story.violations(before, again, story.open(3, JUMP + 1, reason="lost")) == {}


def test_a_stream_is_not_let_in_at_what_was_lost_before_it_asked() -> None:
    story = Story()
    story.promote()
    assert story.violations(story.open(None, 3)) == {"I4": 1}


def test_a_position_that_is_given_again_is_found() -> None:
    story = Story()
    story.oracle.lose(Loss(2, [row(3)], Counter()))
    story.take(row(3))
    assert story.oracle.violations.counts["I2"] == 1


def lost_messages(lost: Counter[Operation], *behind: Row) -> dict[str, int]:
    """The violations where two messages were acknowledged, the second is on the lost end, and these rows come then."""
    story = Story()
    acknowledgements = story.oracle.acknowledgements
    story.take(row(4, message="bob-1", seq=1), row(5, message="bob-2", seq=2))
    for seq in (1, 2):
        acknowledgements.add_message(f"bob-{seq}", 1, seq, acknowledgements.highest_seq(1))
    story.oracle.lose(Loss(4, [row(5, message="bob-2", seq=2)], lost))
    story.take(*behind)
    story.oracle.settle([])
    return dict(story.oracle.violations.counts)


def test_an_acknowledged_message_may_be_missing_only_where_the_replica_did_not_have_it() -> None:
    lost: Counter[Operation] = Counter({(MESSAGE, "bob-2"): 1})
    assert lost_messages(lost) == {}
    assert lost_messages(Counter()) == {"I1": 1}
    # The replica had it and lacked its number: it is numbered anew. Or another message gets the seq.
    assert lost_messages(Counter(), row(JUMP, message="bob-2", seq=2)) == {}
    assert lost_messages(lost, row(JUMP, message="bob-3", seq=2)) == {}
    assert lost_messages(lost, row(JUMP, message="bob-3", seq=3)) == {"I3": 1}


def test_a_message_that_is_in_the_log_twice_is_found() -> None:
    again = row(JUMP, message="bob-1", seq=2)
    assert lost_messages(Counter({(MESSAGE, "bob-2"): 1}), again) == {"I1": 1}
