"""Records: immutable named tuples, read by the names of columns. Models are slow to make by the hundred."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

Columns = Sequence[Any]
Record = TypeVar("Record", bound=tuple[Any, ...])


def column_names(cursor: Any) -> tuple[str, ...]:
    """The columns of a query's rows, in their order."""
    return tuple([column.name for column in cursor.description])


def record_maker(
    columns: tuple[str, ...],
    record: type[Record],
    *,
    prefix: str = "",
    renamed: Mapping[str, str] | None = None,
    **nested: Callable[[Columns], Any],
) -> Callable[[Columns], Record]:
    """Returns what makes a record of a row with these columns, whatever their order.

    A field is read from the column of its name, with the prefix, or as `renamed` says. The last fields of a record may
    be `nested`: they are made from the whole row.
    """
    fields: tuple[str, ...] = record._fields  # type: ignore[attr-defined]  # there is no type for named tuples
    names = {field: prefix + field for field in fields if field not in nested} | dict(renamed or {})
    assert fields == (*names, *nested)
    pick = itemgetter(*(columns.index(name) for name in names.values()))
    make: Callable[[Any], Record] = record._make  # type: ignore[attr-defined]  # the same
    if not nested:
        return lambda row: make(pick(row))
    makers = tuple(nested.values())
    return lambda row: make((*pick(row), *[make_nested(row) for make_nested in makers]))
