"""The catalogue as Markdown tables, for the docs and for OpenAPI's text."""

import re
from collections.abc import Iterable
from typing import Any

from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from chatserver.events import catalogue
from chatserver.events.catalogue import EventType


def with_tables(page: str) -> str:
    """A Markdown page whose marked places have the tables of today: <!-- stored: … -->, ephemeral, data."""
    for name, table in {"stored": stored_table(), "ephemeral": ephemeral_table(), "data": data_table()}.items():
        page = _put(table, page, name)
    return page


def _put(table: str, page: str, name: str) -> str:
    place = re.compile(rf"(<!-- {name}: .*? -->\n).*?(?=<!-- end -->)", re.DOTALL)
    return place.sub(lambda found: f"{found[1]}{table}\n", page)


def stored_table() -> str:
    """The events with a position."""
    return _event_table(event_type for event_type in catalogue.sorted_types() if event_type.is_stored)


def ephemeral_table() -> str:
    """The events without a position."""
    return _event_table(event_type for event_type in catalogue.sorted_types() if not event_type.is_stored)


def data_table() -> str:
    """The fields of the `data` of events."""
    shapes = {event_type.data_name: event_type.data for event_type in catalogue.sorted_types()}
    rows = [(f"`{name}`", f"`{_fields(shape())}`") for name, shape in sorted(shapes.items())]
    return _table("`data`", "its fields", rows=rows)


def control_table() -> str:
    """What streams say about themselves."""
    rows = [(f"`{event.name}`", event.summary, f"`{_fields(event.data())}`") for event in catalogue.CONTROL.values()]
    return _table("event", "when", "`data:`", rows=rows)


def _event_table(types: Iterable[EventType]) -> str:
    rows = [(f"`{each.name}`", each.summary, f"`{each.data_name}`", each.heard_by, each.since) for each in types]
    return _table("event", "when", "`data`", "who hears it", "since", rows=rows)


def _table(*titles: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _fields(serializer: BaseSerializer[object]) -> str:
    """{"room_id","user":{…}}"""
    assert isinstance(serializer, Serializer)
    return (
        "{"
        + ",".join(f'"{name}"{_inner(field)}' for name, field in serializer.fields.items() if not _is_old(field))
        + "}"
    )


def _is_old(field: Field[Any, Any, Any, Any]) -> bool:
    """Whether only events of earlier releases have it."""
    return "earlier releases" in (field.help_text or "")


def _inner(field: object) -> str:
    if isinstance(field, ListSerializer):
        return ":[…]"
    return ":{…}" if isinstance(field, Serializer) else ""
