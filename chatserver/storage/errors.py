"""Errors of PostgreSQL."""

from django.db import Error
from psycopg2 import errorcodes

# A lock was not had in time, or two transactions waited for each other. The statement is undone and may be repeated.
LOCK_ERRORS = frozenset({errorcodes.LOCK_NOT_AVAILABLE, errorcodes.DEADLOCK_DETECTED})


def sql_state(error: Error) -> str | None:
    """The SQLSTATE of a database error, five characters as in psycopg2.errorcodes; None if the server sent none."""
    return getattr(error.__cause__, "pgcode", None)


def hint_for(error: Error) -> str | None:
    """What an operator may do about an error at the start."""
    missing = {errorcodes.UNDEFINED_TABLE, errorcodes.UNDEFINED_COLUMN, errorcodes.UNDEFINED_FUNCTION}
    return "run manage.py migrate" if sql_state(error) in missing else None
