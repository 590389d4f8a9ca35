"""Patterns of event types: a type (`message.created`), all that begin so (`message.*`), or all (`*`)."""

from collections.abc import Iterable

from chatserver.errors import Invalid
from chatserver.events import catalogue

MAX_PATTERNS = 50


def stored_types() -> frozenset[str]:
    """All types of events that are in the log."""
    return frozenset(each.name for each in catalogue.TYPES.values() if each.is_stored)


def types_matching(patterns: Iterable[str]) -> frozenset[str]:
    """The types that any of the patterns means. Invalid where one of them means none, or they are too many."""
    found: set[str] = set()
    for count, pattern in enumerate(patterns, start=1):
        matching = {name for name in stored_types() if matches(pattern, name)}
        if not matching or count > MAX_PATTERNS:
            raise Invalid("types must be types of events or patterns like message.*, with commas.", field="types")
        found |= matching
    return frozenset(found)


def is_known(pattern: str) -> bool:
    """Whether there are stored events that the pattern means."""
    return any(matches(pattern, name) for name in stored_types())


def matches(pattern: str, name: str) -> bool:
    """Whether the pattern means this type."""
    return pattern in {"*", name} or (pattern.endswith(".*") and name.startswith(pattern[:-1]))
