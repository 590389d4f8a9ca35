"""I4 by the order of what came: positions rise, a reset says why and comes first, and nobody changes timelines."""

from collections.abc import Iterator

from benchmarks.torture.history import History
from benchmarks.torture.transcripts import BYE, EVENT, RESET, Entry, Transcript

# Why a client is told to fetch afresh where its position is not in the log any more.
LOST_REASONS = frozenset({"lost", "future"})


def check_order(transcript: Transcript, history: History) -> Iterator[str]:
    """What is wrong with it."""
    assert transcript.start is not None
    end = history.end_of(transcript.start)
    if end is not None and end.number < transcript.promotions:
        yield f"was let in at {transcript.start}, which had been lost before it asked"
    upto = transcript.start
    is_reset_due = transcript.last is not None and not transcript.is_resumed
    for entry in transcript.entries:
        if entry.kind == BYE:
            if entry.reason == "error" or (entry.reason == "lost" and not history.lost_rows):
                yield f"was sent away: {entry.reason}, though the log has everything"
        elif entry.kind == RESET:
            yield from _check_reset(transcript, entry, history)
            if not is_reset_due or entry.position != transcript.start:
                yield f"was reset in its midst, at {entry.position}"
            is_reset_due = False
        elif entry.kind == EVENT and is_reset_due:
            yield f"was not resumed, and not told why: next came {entry.position}"
            is_reset_due = False
        if entry.kind not in {BYE, RESET}:
            if entry.position <= upto and entry.kind == EVENT:
                yield f"got {entry.position} once more, or out of order"
            elif entry.position < upto:
                yield f"was moved back by a heartbeat, to {entry.position}"
            yield from _check_timeline(transcript, upto, entry.position, history)
            upto = max(upto, entry.position)


def _check_reset(transcript: Transcript, entry: Entry, history: History) -> Iterator[str]:
    """A reset has to have a reason that the log bears out."""
    end = history.end_of(transcript.last)
    told = f"was reset at {entry.position}: {entry.reason}, though"
    if entry.reason in LOST_REASONS and end is None:
        yield f"{told} {transcript.last} is in the log"
    elif entry.reason not in LOST_REASONS and end is not None and entry.position not in end.positions:
        yield f"{told} {transcript.last} was lost"
    elif entry.reason not in {"too_far_behind", "rejoined", *LOST_REASONS}:
        yield f"{told} the log has everything"


def _check_timeline(transcript: Transcript, upto: int, position: int, history: History) -> Iterator[str]:
    """Who was told what is lost is told nothing of what came instead; nor the reverse."""
    before, now = history.end_of(upto), history.end_of(position)
    if before is not None and now is not before:
        yield f"went on at {position}, though {upto} was lost"
    elif before is None and now is not None and upto > now.kept:
        yield f"was told {position}, which was lost behind {now.kept}"
