"""Rows that a query finds by what is unique."""

from typing import Any, TypeVar

from django.db.models import QuerySet

Row = TypeVar("Row")


def one_or_none(found: "QuerySet[Any, Row]") -> Row | None:
    """The row that a query finds, which can be one at most.

    QuerySet.first() orders by the key, and with many columns that takes Django as long as the query takes PostgreSQL.
    """
    return next(iter(found[:1]), None)
