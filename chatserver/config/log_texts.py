"""What a log line may hold: each text has a bound and stays on its line, and errors do not quote what people sent."""

import traceback
from typing import Any

import psycopg2
from django.db import Error
from structlog.typing import EventDict

MAX_LOGGED_TEXT = 500
MAX_LOGGED_TRACEBACK = 16_000
# Connections, transactions, resources, locks, interventions and systems: messages of these quote no values.
PLAIN_SQLSTATES = frozenset({"08", "40", "53", "55", "57", "58"})


def bounded(text: str) -> str:
    """A text that may come from a client, cut off."""
    return text if len(text) <= MAX_LOGGED_TEXT else f"{text[:MAX_LOGGED_TEXT]}… ({len(text)} characters)"


def shown_error(error: BaseException) -> str:
    """The kind of an error and its message; of the database's errors no more than the code and the constraint.

    PostgreSQL's messages quote rows and statements, which have texts, addresses and hashes.
    """
    name = type(error).__name__
    cause = error if isinstance(error, psycopg2.Error) else error.__cause__
    if isinstance(error, Error | psycopg2.Error) and isinstance(cause, psycopg2.Error) and cause.pgcode:
        is_plain = cause.pgcode[:2] in PLAIN_SQLSTATES
        known = [cause.diag.constraint_name, cause.diag.message_primary if is_plain else None]
        return bounded(", ".join([f"{name}: SQLSTATE {cause.pgcode}", *(fact for fact in known if fact)]))
    message = str(error).strip()
    return bounded(f"{name}: {message}" if message else name)


def shown_traceback(error: BaseException) -> str:
    """The frames of an error and of those that it came from, the first one first, with messages as above."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        inner = [shown_traceback(one) for one in getattr(current, "exceptions", ())]
        parts.append("".join([*traceback.format_tb(current.__traceback__), shown_error(current), *inner]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\n".join(reversed(parts))[-MAX_LOGGED_TRACEBACK:]


def bound_facts(_: Any, __: str, event: EventDict) -> EventDict:
    """A processor of structlog: errors as shown_error(), and everything else cut off."""
    for name, value in event.items():
        if isinstance(value, BaseException):
            event[name] = shown_error(value)
        elif name != "exc_info" and not isinstance(value, int | float | None) and len(str(value)) > MAX_LOGGED_TEXT:
            event[name] = bounded(str(value))
    return event


def escape_facts(_: Any, __: str, event: EventDict) -> EventDict:
    """A processor for lines that people read: nothing ends the line or controls the terminal."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
    return event
