"""The comparison of one transcript with the log.

What a client is entitled to, when it comes back with its last id L:
- The server looks at the log's end and at the user's subscriptions in one moment, at position S. Up to S it replays
  what the user may hear *then*: not the rooms that the user has left meanwhile. Behind S the user hears what they may
  hear at each position. A user who left a room and entered it again, and missed something of before, gets a reset.
- S is not told. It is at least what was visible when the request was sent (`floor`), and at most what was visible some
  time after the hello (`ceiling`). An event between L and S is dropped where its topic was left behind it, up to S; so
  there must be one S that explains both what came and what did not.

Where promotions lost ends of the log, the client may have been on one of those: one timeline must explain it.
"""

from typing import NamedTuple

from benchmarks.torture.entitlements import Entitlement
from benchmarks.torture.history import History, Timeline
from benchmarks.torture.log import Row
from benchmarks.torture.transcripts import EVENT, HEARTBEAT, RESET, Entry, Transcript

# A resume past one of these may be answered with a reset (docs/operations.md, limits).
MAX_REPLAY_EVENTS = 2_000
MAX_REPLAY_BYTES = 1024 * 1024

Found = list[tuple[str, str]]


class Explanation(NamedTuple):
    """What is wrong by one timeline, each with its invariant; how many events were compared, and those that came live
    and as they should."""

    found: Found
    compared: int
    live: list[tuple[Row, Entry]]


def compare(transcript: Transcript, history: History) -> Explanation:
    """By the timeline that leaves the least to explain. The transcript has ended, and the log is known beyond it."""
    # On a lost end is who was told of it, or who was told nothing behind what was kept.
    told = {transcript.start, *(entry.position for entry in transcript.entries)}
    ends = [end for end in history.ends if told & end.positions or transcript.upto <= end.kept]
    timelines = [history.now, *(end.timeline for end in ends)]
    return min((_explain(transcript, history, timeline) for timeline in timelines), key=lambda each: len(each.found))


def _explain(transcript: Transcript, history: History, timeline: Timeline) -> Explanation:
    assert transcript.start is not None
    floor = _visible(history, timeline, transcript.floor)
    ceiling = max(_ceiling(transcript, history, timeline), transcript.start)
    floor = min(max(floor, transcript.start), ceiling)
    if not transcript.is_resumed:
        # The hello has the very position of the subscriptions, so there is nothing open about it.
        floor = ceiling = transcript.start
    walk = _Walk(transcript, timeline, floor, ceiling)
    walk.check_reset(history)
    walk.replay()
    walk.follow()
    return Explanation(walk.found, walk.compared, walk.live)


def _visible(history: History, timeline: Timeline, position: int) -> int:
    """A position that was seen, as far as this timeline has it."""
    end = history.end_of(position)
    return position if end is None or end.timeline is timeline else end.kept


def _ceiling(transcript: Transcript, history: History, timeline: Timeline) -> int:
    """The end of the timeline as it was some time after the hello."""
    look = history.look_after(transcript.hello_at)
    end = next((end for end in history.ends if end.timeline is timeline), None)
    if look is None or (end is not None and look.promotions > end.number):
        return timeline.position
    return _visible(history, timeline, look.position)


class _Walk:
    """Goes along a timeline from the hello to the last entry."""

    def __init__(self, transcript: Transcript, timeline: Timeline, floor: int, ceiling: int) -> None:
        assert transcript.start is not None
        self.found: Found = []
        self.compared = 0
        self.live: list[tuple[Row, Entry]] = []
        self._transcript = transcript
        self._timeline = timeline
        self._start = transcript.start
        self._floor = floor
        self._ceiling = ceiling
        # Up to here it is the replay.
        self._replayed = min(transcript.upto, ceiling)
        user_id = transcript.user_id
        self._entitlement = Entitlement(user_id, timeline.rights_of(user_id, transcript.start))
        self._revoked_at: int | None = None
        self._came: dict[int, Entry] = {}
        upto = transcript.start
        for entry in transcript.entries:
            if entry.kind == EVENT and entry.position > upto:  # else order_check.py tells
                self._came[entry.position] = entry
            if entry.kind in {EVENT, HEARTBEAT}:
                upto = max(upto, entry.position)

    def check_reset(self, history: History) -> None:
        """A reset needs a reason: a last id that was lost, too much to replay, or a room that was left and entered."""
        last, user_id = self._transcript.last, self._transcript.user_id
        if self._transcript.is_resumed or last is None or history.end_of(last) is not None:
            return
        entitlement = Entitlement(user_id, self._timeline.rights_of(user_id, last))
        missed = []
        left: set[str] = set()
        rejoined: set[str] = set()
        for row in self._timeline.between(last, self._start):
            if entitlement.hears(row):
                missed.append(row.size)
            elif entitlement.leaves(row):
                left.add(row.topic)
                rejoined.discard(row.topic)
            elif entitlement.returns(row) and row.topic in left:
                rejoined.add(row.topic)
            entitlement.apply(row)
        reason = next((entry.reason for entry in self._transcript.entries if entry.kind == RESET), None)
        if reason == "rejoined" and not rejoined:
            self._add("I4", "was reset for a room that was left and entered, and there was none")
        if not rejoined and len(missed) <= MAX_REPLAY_EVENTS and sum(missed) <= MAX_REPLAY_BYTES:
            self._add("I4", f"was reset, though it had missed only {len(missed)} events of {sum(missed)} bytes")

    def replay(self) -> None:
        expected, left_at = self._expect()
        came = {position: entry for position, entry in self._came.items() if position <= self._replayed}
        missing = [position for position in expected if position not in came]
        # The least position as of which the stream can have been let in.
        let_in = max([self._floor, *(left_at[position] for position in missing if position in left_at)])
        subscribed = Entitlement(self._transcript.user_id, self._timeline.rights_of(self._transcript.user_id, let_in))
        for position in missing:
            absent = expected[position]
            if position not in left_at or (subscribed.hears(absent) and not self._was_left(absent.topic, let_in)):
                self._add("I4", f"never got {absent.type} {position}")
        for position, entry in came.items():
            row = expected.get(position)
            if row is None:
                self._add_intruder(position)
            elif left_at.get(position, let_in + 1) <= let_in:
                self._add("I6", f"was told {position} of {row.topic}, which its user left at {left_at[position]}")
            else:
                self._check_body(row, entry)
        self.compared += len(came)

    def _was_left(self, topic: str, after: int) -> bool:
        """Whether the user left it behind this position, up to the ceiling."""
        rows = self._timeline.between(after, self._ceiling)
        return any(row.topic == topic and self._entitlement.leaves(row) for row in rows)

    def _expect(self) -> tuple[dict[int, Row], dict[int, int]]:
        """What may have been replayed, and where the topic of some of it was left, up to the ceiling."""
        expected: dict[int, Row] = {}
        left_at: dict[int, int] = {}
        ahead = Entitlement(self._transcript.user_id, self._timeline.rights_of(self._transcript.user_id, self._start))
        for row in self._timeline.between(self._start, max(self._ceiling, self._replayed)):
            if ahead.hears(row) and row.position <= self._replayed:
                expected[row.position] = row
            if ahead.leaves(row) and row.position <= self._ceiling:
                for position, earlier in expected.items():
                    if earlier.topic == row.topic:
                        left_at.setdefault(position, row.position)
            if row.position > self._floor:
                self._note_revocation(row)
            ahead.apply(row)
            if row.position <= self._replayed:
                self._entitlement.apply(row)
        return expected, left_at

    def follow(self) -> None:
        """Behind the replay, what the user may hear at each position."""
        rows = self._timeline.between(self._replayed, self._transcript.upto)
        for row in rows:
            is_entitled, entry = self._entitlement.hears(row), self._came.get(row.position)
            if is_entitled and entry is None:
                self._add("I4", f"never got {row.type} {row.position} of {row.topic}")
            elif entry is not None and not is_entitled:
                self._add_intruder(row.position)
            elif entry is not None:
                self._check_body(row, entry)
                self.compared += 1
                self.live.append((row, entry))
            self._note_revocation(row)
            self._entitlement.apply(row)
        for position in self._came.keys() - {row.position for row in rows}:
            if position > self._replayed:
                self._add_intruder(position)

    def _note_revocation(self, row: Row) -> None:
        if self._revoked_at is None and self._entitlement.revokes(row, self._transcript.credential):
            self._revoked_at = row.position

    def _check_body(self, row: Row, entry: Entry) -> None:
        if entry.digest != row.digest:
            self._add("I4", f"got {row.position} with another body than the log has")
        if self._revoked_at is not None and row.position > self._revoked_at:
            self._add("I6", f"was told {row.position}, though it was ended at {self._revoked_at}")

    def _add_intruder(self, position: int) -> None:
        rows = self._timeline.between(position - 1, position)
        what = f"{rows[0].type} of {rows[0].topic}" if rows else "which is not in the log"
        self._add("I6", f"was told {position} ({what}), to which its user has no right there")

    def _add(self, invariant: str, what: str) -> None:
        self.found.append((invariant, f"{self._transcript} {what}"))
