"""Errors of PostgreSQL."""

from django.db import DatabaseError, Error, InterfaceError, OperationalError
from psycopg2 import errorcodes

# A lock was not had in time, or two transactions waited for each other. The statement is undone and may be repeated.
LOCK_ERRORS = frozenset({errorcodes.LOCK_NOT_AVAILABLE, errorcodes.DEADLOCK_DETECTED})

MIGRATE = "run manage.py migrate"
HINTS = {
    errorcodes.UNDEFINED_TABLE: MIGRATE,
    errorcodes.UNDEFINED_COLUMN: MIGRATE,
    errorcodes.UNDEFINED_FUNCTION: MIGRATE,
    errorcodes.READ_ONLY_SQL_TRANSACTION: "DATABASE_URL names a replica, or default_transaction_read_only is on",
    errorcodes.INSUFFICIENT_PRIVILEGE: "grant the user in DATABASE_URL its rights, or make it the owner of the tables",
    errorcodes.DISK_FULL: "free space for PostgreSQL",
}


def sql_state(error: Error) -> str | None:
    """The SQLSTATE of a database error, five characters as in psycopg2.errorcodes; None if the server sent none."""
    return getattr(error.__cause__, "pgcode", None)


def is_outage(error: Exception) -> bool:
    """Whether PostgreSQL was not reached, went away, or refused to serve for now: the same may work later.

    Where a server dies while it answers, psycopg2 may raise its DatabaseError itself, without an SQLSTATE.
    """
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return type(error) is DatabaseError and error.__cause__ is not None and sql_state(error) is None


def hint_for(error: Error) -> str | None:
    """What an operator may do about an error that no retry mends."""
    return HINTS.get(sql_state(error) or "")


def is_for_operators(error: Error) -> bool:
    """Whether PostgreSQL can't serve this until an operator has done something."""
    return sql_state(error) in HINTS
