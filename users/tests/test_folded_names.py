"""A database with names that are one when folded migrates, and everybody in it can still sign in."""

from typing import Any

import psycopg2
import pytest

from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.dumps import query
from chatserver.tests.harness.processes import manage

BEFORE = "0002_token_expiry_index"
OLD_NAMES = ("ΝΙΚΟΣ", "strasse", "νικος", "straße", "adam", "\u0430dam", "admin")
INSERT = (
    "INSERT INTO users_user (username, password, is_superuser, email, is_staff, is_active, date_joined, display_name, "
    "avatar_url, is_service, session_salt) VALUES (%s, '!', false, '', false, true, now(), '', '', false, '')"
)
FIND = "from users.models import User; print(ascii([User.objects.named(n)[:1].get().username for n in {!r}]))"


@pytest.fixture
def migrated(databases: Databases) -> dict[str, str]:
    """The environment of a database that had these names before they were folded."""
    env = databases.env_of(databases.create(databases.migrated))
    manage(env, "migrate", "users", BEFORE, "--verbosity", "0")
    with psycopg2.connect(env["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        for name in OLD_NAMES:
            cursor.execute(INSERT, [name])
    connection.close()
    manage(env, "migrate", "--verbosity", "0")
    return env


def test_the_oldest_owns_the_folded_name_and_the_others_are_found_by_their_spelling(migrated: dict[str, str]) -> None:
    rows: list[Any] = query(
        migrated["DATABASE_URL"], "SELECT username FROM users_user WHERE shares_folded_name ORDER BY id"
    )
    assert [name for (name,) in rows] == ["νικος", "straße"]
    found = manage(migrated, "shell", "--no-imports", "--command", FIND.format([*OLD_NAMES, "Νικος", "STRASSE"]))
    assert ascii([*OLD_NAMES, "ΝΙΚΟΣ", "strasse"]) in found
    manage(migrated, "migrate", "users", BEFORE, "--verbosity", "0")
    manage(migrated, "migrate", "--verbosity", "0")
