"""I2: positions follow each other without a gap, but for one jump behind each start of PostgreSQL.

A jump keeps positions that a lost history may have had from being given again (docs/how-it-works.md), so it has to come
with the first rows that a started PostgreSQL writes, and nowhere else. Rows that the one before had still written may
be seen first; they are there at the first look.
"""

LEAST_JUMP = 2**31 + 1
LARGEST_JUMP = 2**32 + 1


def is_jump(before: int, position: int) -> bool:
    """Whether this is as far as a start of PostgreSQL makes positions jump."""
    return LEAST_JUMP <= position - before <= LARGEST_JUMP


class Positions:
    """Followed along the log; `last` is the last one."""

    def __init__(self) -> None:
        self.last = 0
        # Jumps that may come; whether one came since the start, and whether all that was written before it was seen.
        self._owed = 0
        self._has_jumped = False
        self._has_seen_all = False

    def started(self, times: int) -> None:
        """PostgreSQL was started so many times since the last look."""
        self._owed += times
        self._has_jumped = self._has_seen_all = False

    def promoted(self, kept: int) -> None:
        """A replica was promoted that has the log up to `kept`, and nobody has written there yet."""
        self._has_seen_all = self.last >= kept
        self.last = min(self.last, kept)
        self._owed = 1
        self._has_jumped = False

    def take(self, position: int) -> str | None:
        """The next position that became visible; what is wrong about it."""
        before, self.last = self.last, position
        if self._owed and is_jump(before, position):
            self._owed -= 1
            self._has_jumped = True
            return None
        if position != before + 1:
            return f"position {position} became visible while {before + 1} was not"
        if self._owed and self._has_seen_all:
            self._owed = 0
            if not self._has_jumped:
                return f"position {position} was given by a PostgreSQL that was started behind {before}, without a jump"
        return None

    def saw_all(self) -> None:
        """All that is visible was taken: what comes from here on is written by the PostgreSQL that runs now."""
        self._has_seen_all = True
        # One that wrote nothing made no jump either.
        self._owed = min(self._owed, 1)
