"""Rows that a query finds by what is unique."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def one_or_none(found: "QuerySet[Row]") -> Row | None:
    """The row that a query finds, which can be one at most.

    QuerySet.first() orders by the key, and with many columns that takes Django as long as the query takes PostgreSQL.
    """
    return next(iter(found[:1]), None)
