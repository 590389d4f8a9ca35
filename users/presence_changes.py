"""Whose presence may have changed, until it is told. In memory: how they appear is read when it is told."""

import threading
from collections.abc import Iterable

# Past this, changes are not told; clients find them when they ask.
MAX_NOTED_CHANGES = 20_000

# By person, whether they have just chosen to be invisible, or no longer, or were banned.
_noted: dict[int, bool] = {}
_guard = threading.Lock()


def note_changes(user_ids: Iterable[int], *, is_choice: bool = False) -> None:
    """Have the presence of these people told within a second or so."""
    with _guard:
        for user_id in user_ids:
            if user_id in _noted or len(_noted) < MAX_NOTED_CHANGES:
                _noted[user_id] = is_choice or _noted.get(user_id, False)


def take_changes() -> dict[int, bool]:
    """What was noted, which is forgotten here."""
    global _noted
    with _guard:
        noted, _noted = _noted, {}
    return noted


def has_changes() -> bool:
    return bool(_noted)
