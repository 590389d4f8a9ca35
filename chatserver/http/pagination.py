"""Lists that page by key: the cursor in the query, and the page."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Invalid
from chatserver.http.parameters import whole_number

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100
AROUND_SIDES = ("around", "around_seq")
CURSOR_SIDES = ("before", "after", *AROUND_SIDES)
# A page ends before its limit where its items are large.
MAX_PAGE_BYTES = 1024 * 1024
Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class Cursor:
    """`?before= | after= | around= | around_seq=` and `&limit=`, checked. At most one of them; Invalid otherwise.

    `text` is what came with it: an id (`key`), a message's seq, or a place in a list whose order moves.
    """

    def __init__(self, request: Request, default: int = DEFAULT_LIMIT) -> None:
        given = [name for name in CURSOR_SIDES if name in request.query_params]
        if len(given) > 1:
            raise Invalid(f"Use only one of {', '.join(CURSOR_SIDES)}.", field=given[1])
        self.side = given[0] if given else None
        self.text: str = request.query_params[given[0]] if given else ""
        self.limit = whole_number(request.query_params.get("limit", default), "limit", least=1, most=LARGEST_LIMIT)

    @property
    def key(self) -> int:
        """The id, 0 without one; Invalid where it is none."""
        return whole_number(self.text, self.side) if self.side else 0

    def refuse(self, *sides: str) -> None:
        """Invalid where one of these came that the list does not have."""
        if self.side in sides:
            raise Invalid(f"{self.side} is not used here.", field=self.side)

    def refuse_around(self) -> None:
        """Invalid in a list that has no pages around an item."""
        self.refuse(*AROUND_SIDES)

    def slice(self, rows: QuerySet[Row], field: str) -> list[Row]:
        """Up to limit + 1 of the rows by this field, ascending; for `before` the nearest ones, descending."""
        self.refuse_around()
        if self.side == "before":
            return list(rows.filter(**{f"{field}__lt": self.key}).order_by(f"-{field}")[: self.limit + 1])
        if self.side == "after":
            rows = rows.filter(**{f"{field}__gt": self.key})
        return list(rows.order_by(field)[: self.limit + 1])


def within_bytes(items: Iterable[Any]) -> list[msgspec.Raw]:
    """The JSON of the first items, of as many as make a page of MAX_PAGE_BYTES; of one at least."""
    found: list[msgspec.Raw] = []
    size = 0
    for item in items:
        encoded = msgspec.json.encode(item)
        size += len(encoded)
        if found and size > MAX_PAGE_BYTES:
            break
        found.append(msgspec.Raw(encoded))
    return found


def page(
    results: list[msgspec.Raw],
    *,
    next: int | str | None,  # noqa: A002 - as the API calls it
    previous: int | str | None,
) -> Response:
    """A key-paged list. `next` is for `?after=`, `previous` for `?before=`; null where there is nothing more."""
    return Response({"results": results, "next": next, "previous": previous})


def key_page(
    items: list[Item], cursor: Cursor, show: Callable[[Item], Any], key: Callable[[Item], int | str]
) -> Response:
    """A page of up to `limit` items, of those that were fetched after (or before) the cursor with limit + 1."""
    results = within_bytes(show(item) for item in items[: cursor.limit])
    has_more = len(items) > len(results)
    items = items[: len(results)]
    if cursor.side == "before":
        items, results = items[::-1], results[::-1]
        return page(results, next=key(items[-1]) if items else None, previous=key(items[0]) if has_more else None)
    return page(
        results,
        next=key(items[-1]) if has_more else None,
        previous=key(items[0]) if items and cursor.side else None,
    )
