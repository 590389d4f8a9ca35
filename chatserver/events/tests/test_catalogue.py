"""The catalogue of event types: nothing is emitted that it does not name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.events import catalogue, log
from chatserver.events.catalogue import EventType
from chatserver.events.models import Outbox

PROJECT = Path(__file__).resolve().parent.parent.parent.parent
SOURCES = [
    path
    for app in ("chatserver", "users", "rooms", "chats")
    for path in (PROJECT / app).rglob("*")
    if path.suffix in {".py", ".sql"} and "tests" not in path.parts
]
# What writes a type into the log, and at which place it names it.
EMITTERS = {"emit": 1, "emit_each": 0, "emit_ephemeral": 1, "emit_ephemerals": 0}


def test_an_event_of_no_registered_type_is_refused(db: None) -> None:
    before = Outbox.objects.count()
    with pytest.raises(LookupError, match=r"message\.invented"):
        log.emit("room:0", "message.invented", {})
    with pytest.raises(LookupError, match=r"typing\.invented"):
        log.emit_ephemeral(["room:0"], "typing.invented", {})
    assert Outbox.objects.count() == before


def test_what_is_stored_and_what_is_not_are_not_taken_for_each_other(db: None) -> None:
    with pytest.raises(LookupError, match="no stored event type"):
        log.emit("room:0", "typing.started", {"room_id": 0, "user_id": 1})
    with pytest.raises(LookupError, match="no ephemeral event type"):
        log.emit_ephemeral(["room:0"], "user.updated", {})


def test_a_name_is_registered_once(toy_type: EventType) -> None:
    with pytest.raises(ValueError, match=r"test\.happened is registered twice"):
        catalogue.register(toy_type)


def named_in_python() -> Iterator[tuple[str, ast.expr]]:
    """Where the product writes an event into the log, and the expression that names its type."""
    for path in SOURCES:
        if path.suffix != ".py" or path.name == "log.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "log" and node.func.attr in EMITTERS:
                yield f"{path.relative_to(PROJECT)}:{node.lineno}", node.args[EMITTERS[node.func.attr]]


def test_every_emit_names_a_registered_type_in_so_many_words() -> None:
    found = dict(named_in_python())
    assert len(found) >= 12
    for place, name in found.items():
        assert isinstance(name, ast.Constant), place
        assert name.value in catalogue.TYPES, place


def named_in_sql() -> set[str]:
    """The types that SQL functions write."""
    texts = [path.read_text() for path in SOURCES if path.suffix == ".sql" or "migrations" in path.parts]
    return {name for text in texts if "events_" in text for name in re.findall(r"'([a-z]+\.[a-z]+)'", text)}


def test_every_type_that_sql_names_is_registered() -> None:
    assert "message.created" in named_in_sql()
    assert named_in_sql() <= set(catalogue.TYPES)


def test_every_registered_type_is_emitted_somewhere(toy_type: EventType) -> None:
    by_python = {name.value for _, name in named_in_python() if isinstance(name, ast.Constant)}
    assert set(catalogue.TYPES) - {toy_type.name} == by_python | named_in_sql()
