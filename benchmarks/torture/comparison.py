"""The comparison of what the visits of a client brought with the log.

What a client is entitled to, when it comes back with its last id L:
- The server looks at the log's end and at the user's subscriptions in one moment, at position S. Up to S it replays
  what the user may hear *then*: not the rooms that he has left meanwhile. Behind S he hears what he may hear at each
  position.
- S is not told. It is at least what was visible when the request was sent (`floor`), and at most what was visible some
  time after the hello (`ceiling`). An event between L and S is dropped where its topic was left behind it, up to S; so
  there must be one S that explains both what came and what did not.
"""

from collections import deque
from collections.abc import Callable

from benchmarks.torture.entitlements import Follower
from benchmarks.torture.log import UNSUBSCRIBE, Row, Rows
from benchmarks.torture.promotions import LostEnd, Promotions
from benchmarks.torture.transcripts import Arrival, Visit
from benchmarks.torture.violations import Findings

# A resume past one of these may be answered with a reset (docs/operations.md, limits).
MAX_REPLAY_EVENTS = 2_000
MAX_REPLAY_BYTES = 1024 * 1024

# Called with each event that came live and as it should.
OnLive = Callable[[Visit, Row, Arrival], None]


class Comparison:
    """Compares the visits of one reader, one after the other, with the log as far as that is known.

    A visit to an end of the log that was lost is compared with that; behind it, it goes on where the end began.
    """

    def __init__(self, user_id: int, rows: Rows, promotions: Promotions, findings: Findings, on_live: OnLive) -> None:
        self.follower = Follower(user_id)
        self.visits: deque[Visit] = deque()
        self.compared = 0
        self._log = self._rows = rows
        self._promotions = promotions
        self._findings = findings
        self._on_live = on_live

    @property
    def position(self) -> int:
        """Up to here everything in the log is compared."""
        end = self._promotions.of(self.follower.position)
        return end.kept if end else self.follower.position

    def has_compared(self, visit: Visit) -> bool:
        """Whether nothing is left that the client was told."""
        return visit.start is None or visit.upto <= self.follower.position

    def catch_up(self) -> None:
        """Compare all that can be compared by now."""
        while self.visits:
            visit = self.visits[0]
            if not self._compare(visit):
                return
            self.visits.popleft()

    def _compare(self, visit: Visit) -> bool:
        """Whether nothing is left to compare of this visit."""
        if visit.start is None:
            return visit.is_over
        end = self._promotions.of_visit(visit)
        if end is not None:
            self._go_to(end, visit)
        else:
            self._go_on(visit)
        if self._rows.position < visit.start:
            return False
        if self.follower.position < visit.start:
            self._skip(visit, visit.start)
        if not visit.is_settled and not self._settle(visit):
            return False
        self._follow(visit)
        return visit.is_over and self.follower.position >= visit.upto

    # Which way

    def _go_to(self, end: LostEnd, visit: Visit) -> None:
        """The visit is on an end of the log that was lost."""
        self._rows = end.rows
        # A process that has yet to notice tells what was lost also to who has just had his reset.
        is_again = not visit.is_settled and self.follower.position > (visit.start or 0)
        if is_again or not end.has(self.follower.position):
            self._move_back()
        if visit.ceiling is not None and visit.hello_at > end.at and not visit.is_fresh:
            visit.ceiling = max(end.rows.position, visit.start or 0)

    def _go_on(self, visit: Visit) -> None:
        """The visit is in the log as it is now, though what was known of it may be of one that was lost."""
        self._rows = self._log
        self._move_back()
        if (end := self._promotions.of(visit.floor)) is not None:
            visit.floor = max(end.kept, visit.start or 0)
        if self._promotions.of(visit.revoked_behind) is not None:
            visit.revoked_behind = None
        # One that has heard nothing behind the promotion may yet turn out to be on the lost end, and waits.
        if (end := self._promotions.of(visit.ceiling)) is not None and visit.upto > end.kept:
            visit.ceiling = max(end.kept, visit.start or 0)

    def _move_back(self) -> None:
        """To where the log goes on, if the follower is on an end that was lost."""
        end = self._promotions.of(self.follower.position)
        if end is not None:
            self.follower.move_back(end.kept, end.topics.get(self.follower.user_id, set()))

    def _skip(self, visit: Visit, position: int) -> None:
        """Go on without having heard what lies between: the client did not ask for it, or there was too much."""
        events = size = 0
        for row in self._rows.between(self.follower.position, position):
            events += self.follower.hears(row)
            size += row.size if self.follower.hears(row) else 0
            self.follower.pass_by(row)
        self.follower.position = position
        if visit.is_reset and events <= MAX_REPLAY_EVENTS and size <= MAX_REPLAY_BYTES:
            self._findings.add("I4", f"{visit} was reset, though it had missed only {events} events of {size} bytes")

    # The replay

    def _settle(self, visit: Visit) -> bool:
        """Find the position as of which the stream was let in, once all is known that may decide it."""
        assert visit.start is not None
        if visit.ceiling is None or self._rows.position < visit.ceiling:
            return False
        if visit.upto < visit.ceiling and not visit.is_over:
            return False
        end = min(visit.upto, visit.ceiling)
        expected, dropped_at = self._walk(visit, end)
        came = self._take_arrivals(visit, end)
        missing = [position for position in expected if position not in came]
        let_in = max([visit.floor, *(dropped_at[position] for position in missing if position in dropped_at)])
        for position in missing:
            if position not in dropped_at:
                self._findings.add("I4", f"{visit} never got {expected[position].type} {position}")
        for position, arrival in came.items():
            row = expected.get(position)
            if row is None:
                self._tell_intruder(visit, position)
            elif dropped_at.get(position, let_in + 1) <= let_in:
                left = dropped_at[position]
                self._findings.add("I6", f"{visit} was told {position} of {row.topic}, which its user left at {left}")
            else:
                self._check_body(visit, row, arrival)
        self.compared += len(came)
        visit.is_settled = True
        return True

    def _walk(self, visit: Visit, end: int) -> tuple[dict[int, Row], dict[int, int]]:
        """What may have been told up to `end`, and where the topic of some of it was left, up to the ceiling."""
        assert visit.start is not None
        assert visit.ceiling is not None
        expected: dict[int, Row] = {}
        dropped_at: dict[int, int] = {}
        ahead = Follower(self.follower.user_id)
        ahead.topics = set(self.follower.topics)
        for row in self._rows.between(visit.start, max(visit.ceiling, end)):
            if ahead.hears(row) and row.position <= end:
                expected[row.position] = row
            if row.kind == UNSUBSCRIBE and ahead.user_id in row.user_ids and row.position <= visit.ceiling:
                for position, earlier in expected.items():
                    if earlier.topic == row.topic:
                        dropped_at.setdefault(position, row.position)
            if row.position > visit.floor and visit.revoked_behind is None and ahead.revokes(row, visit.credential):
                visit.revoked_behind = row.position
            ahead.pass_by(row)
            if row.position <= end:
                self.follower.pass_by(row)
        self.follower.position = max(self.follower.position, end)
        return expected, dropped_at

    def _take_arrivals(self, visit: Visit, end: int) -> dict[int, Arrival]:
        came: dict[int, Arrival] = {}
        while visit.arrivals and visit.arrivals[0].position <= end:
            arrival = visit.arrivals.popleft()
            came[arrival.position] = arrival
        return came

    # Live

    def _follow(self, visit: Visit) -> None:
        for row in self._rows.between(self.follower.position, visit.upto):
            is_entitled = self.follower.hears(row)
            arrival = None
            if visit.arrivals and visit.arrivals[0].position == row.position:
                arrival = visit.arrivals.popleft()
            if is_entitled and arrival is None:
                self._findings.add("I4", f"{visit} never got {row.type} {row.position} of {row.topic}")
            elif arrival is not None and not is_entitled:
                self._tell_intruder(visit, row.position)
            elif arrival is not None:
                self._check_body(visit, row, arrival)
                self.compared += 1
                self._on_live(visit, row, arrival)
            if visit.revoked_behind is None and self.follower.revokes(row, visit.credential):
                visit.revoked_behind = row.position
            self.follower.pass_by(row)
        if visit.upto <= self._rows.position:
            for arrival in self._take_arrivals(visit, visit.upto).values():
                self._tell_intruder(visit, arrival.position)
            self.follower.position = max(self.follower.position, visit.upto)

    def _check_body(self, visit: Visit, row: Row, arrival: Arrival) -> None:
        if arrival.digest != row.digest:
            self._findings.add("I4", f"{visit} got {row.position} with another body than the log has")
        if visit.revoked_behind is not None and row.position > visit.revoked_behind:
            self._findings.add("I6", f"{visit} was told {row.position}, though it was ended at {visit.revoked_behind}")

    def _tell_intruder(self, visit: Visit, position: int) -> None:
        found = self._rows.between(position - 1, position)
        what = f"{found[0].type} of {found[0].topic}" if found else "which is not in the log"
        self._findings.add("I6", f"{visit} was told {position} ({what}), to which its user has no right there")
