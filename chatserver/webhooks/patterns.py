"""Which events an endpoint gets: those whose type matches a pattern, of the rooms that it names, if it names any.

A pattern is a type (`message.created`), all that begin so (`message.*`), or `*`.
"""

import re
from collections.abc import Iterable

from chatserver.events import catalogue

MAX_PATTERN = 100
TYPE_PATTERN = re.compile(r"\*|[a-z_]+(\.[a-z_]+)*(\.\*)?", re.ASCII)


def matches_any(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of the patterns means this type."""
    return any(_matches(pattern, event_type) for pattern in patterns)


def is_known(pattern: str) -> bool:
    """Whether there are stored events that it means."""
    if not TYPE_PATTERN.fullmatch(pattern):
        return False
    return any(_matches(pattern, each.name) for each in catalogue.TYPES.values() if each.is_stored)


def _matches(pattern: str, event_type: str) -> bool:
    if pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return event_type == pattern
