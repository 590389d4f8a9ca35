"""The end of the log: a row that keeps how far it was trimmed, and whose lock the sequencer takes."""

from typing import Any

from django.db import OperationalError

# The position of the newest row, also where all of them were trimmed. `h` is events_head.
END = "greatest(h.trimmed, (SELECT max(position) FROM events_event))"


def with_head(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """What was read from events_head. OperationalError where its row is missing, which is so during a restore."""
    if not rows:
        raise OperationalError("The log has no head. Is a backup being restored?")
    return rows
