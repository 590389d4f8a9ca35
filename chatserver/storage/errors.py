"""Errors of PostgreSQL."""

from django.db import Error


def sql_state(error: Error) -> str | None:
    """The SQLSTATE of a database error, five characters as in psycopg2.errorcodes; None if the server sent none."""
    return getattr(error.__cause__, "pgcode", None)
