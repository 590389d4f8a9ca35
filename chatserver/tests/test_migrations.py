"""The rule for migrations (docs/operations.md): the version before runs on the new schema, and nothing waits for long.

Those that landed before the rule are left alone.
"""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from chatserver.storage.serving_index import AddIndexWhileServing

OURS = ("users", "rooms", "chats", "events")
BEFORE = {"users": "0008", "rooms": "0008", "chats": "0007", "events": "0011"}
# Tables with a row for each message: what reads or rewrites them whole takes minutes.
LARGE = {"message", "event", "outbox"}
NEVER = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)
LATER = (migrations.RemoveField, migrations.DeleteModel, migrations.RemoveIndex)


def operations_of(migration: migrations.Migration) -> Iterator[Operation]:
    for operation in migration.operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from operation.database_operations
        else:
            yield operation


def problems_of(migration: migrations.Migration) -> list[str]:
    """What the version before would fail at, or what locks a large table for as long as it takes to read it.

    A migration that drops what a release has stopped using names that release: `unused_since = "1.1.0"`.
    """
    found = []
    for operation in operations_of(migration):
        kind = type(operation).__name__
        is_large = getattr(operation, "model_name", "").lower() in LARGE
        text = " ".join(str(getattr(operation, "sql", "")).split())
        if isinstance(operation, NEVER):
            found.append(f"{kind}: add the new one, and drop the old one a release later")
        elif isinstance(operation, LATER) and not hasattr(migration, "unused_since"):
            found.append(f"{kind}: a release later, with unused_since")
        elif isinstance(operation, migrations.AddField) and not is_optional(operation.field):
            found.append(f"AddField {operation.name}: the version before inserts rows without it; null or db_default")
        elif is_large and isinstance(operation, migrations.AlterField | migrations.AddConstraint):
            found.append(f"{kind}: reads the whole table under a lock; NOT VALID first, VALIDATE then")
        elif (
            is_large and isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexWhileServing)
        ):
            found.append(f"{kind}: AddIndexWhileServing, which can be repeated")
        elif not migration.atomic and isinstance(operation, migrations.AddField):
            found.append("AddField: in a transaction, else it can't be repeated where a lock was not had")
        elif re.search(rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY).* ON \w*_({'|'.join(LARGE)})\b", text, re.I):
            found.append("CREATE INDEX: CONCURRENTLY")
    return found


def is_optional(field: models.Field) -> bool:
    return field.null or field.many_to_many or field.has_db_default()


def test_the_version_before_runs_on_the_new_schema_and_no_large_table_is_locked_for_long() -> None:
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    later = {(app, name): one for (app, name), one in disk.items() if app in OURS and name[:4] > BEFORE[app]}
    assert len(disk) > 20
    assert {f"{app} {name}": problems_of(one) for (app, name), one in later.items() if problems_of(one)} == {}


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RenameField("room", "name", "title"),
        migrations.RemoveField("room", "name"),
        migrations.AddField("room", "topic", models.TextField(default="")),
        migrations.AlterField("message", "text", models.TextField(null=True)),
        migrations.AddIndex("Message", models.Index(fields=["text"], name="text")),
        AddIndexConcurrently("Message", models.Index(fields=["text"], name="text")),
        migrations.RunSQL("CREATE INDEX some\n    ON chats_message (text)"),
        migrations.SeparateDatabaseAndState([migrations.DeleteModel("room")]),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_the_rule_forbids_is_found(operation: Operation) -> None:
    migration = migrations.Migration("0099_bad", "rooms")
    migration.operations = [operation]
    assert len(problems_of(migration)) == 1


def test_what_is_out_of_a_transaction_can_be_repeated(db: Any) -> None:
    migration = migrations.Migration("0099_bad", "rooms")
    migration.operations, migration.atomic = [migrations.AddField("room", "topic", models.TextField(null=True))], False
    assert len(problems_of(migration)) == 1
    there = AddIndexWhileServing("message", models.Index(fields=["text"], name="chats_message_pinned"))
    there.database_forwards("chats", SimpleNamespace(connection=connection), ProjectState(), ProjectState())


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("message", "topic", models.TextField(db_default="")),
        migrations.AddField("message", "topic", models.TextField(null=True)),
        migrations.AddIndex("room", models.Index(fields=["name"], name="name")),
        AddIndexWhileServing("message", models.Index(fields=["text"], name="text")),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY some ON chats_message (text)"),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_it_allows_is_not(operation: Operation) -> None:
    migration = migrations.Migration("0099_good", "rooms")
    migration.operations = [operation]
    assert problems_of(migration) == []
