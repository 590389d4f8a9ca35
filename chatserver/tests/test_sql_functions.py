"""SQL functions: what is in their files is what is installed."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection

from chatserver.storage.sql_functions import function_files, install_functions, outdated_functions
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.processes import manage

OURS = ("chatserver", "users", "rooms", "chats")


def definition(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
        return str(cursor.fetchone()[0])


def test_each_function_has_one_text_and_a_file_of_its_name() -> None:
    files = {path for app in OURS for path in (settings.BASE_DIR / app).rglob("*.sql")}
    assert {path.stem for path in files} == set(function_files())
    assert len(files) == len(function_files())
    for name, text in function_files().items():
        assert re.findall(r"^CREATE OR REPLACE FUNCTION (\w+)\(", text, re.MULTILINE) == [name]


def test_no_function_is_made_elsewhere() -> None:
    makes_function = re.compile(r"CREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|TRIGGER|PROCEDURE)\s+\w", re.IGNORECASE)
    paths = [path for app in OURS for path in (settings.BASE_DIR / app).rglob("*.py") if "tests" not in path.parts]
    assert [path for path in paths if makes_function.search(path.read_text())] == []


def test_all_are_installed_and_there_are_no_others(db: Any) -> None:
    assert outdated_functions() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname")
        assert [name for (name,) in cursor.fetchall()] == sorted(function_files())
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname")
        triggers = re.findall(r"CREATE (?:OR REPLACE|CONSTRAINT) TRIGGER (\w+)", "".join(function_files().values()))
        assert [name for (name,) in cursor.fetchall()] == sorted(triggers)


def test_a_changed_file_replaces_its_function_and_no_other(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = function_files()
    kept = {name: definition(name) for name in files if name != "events_waiting"}
    changed = files | {"events_waiting": files["events_waiting"].replace("LIMIT p_limit", "LIMIT 1 + p_limit")}
    monkeypatch.setattr("chatserver.storage.sql_functions.function_files", lambda: changed)
    assert outdated_functions() == ["events_waiting"]
    install_functions()
    assert outdated_functions() == []
    assert "LIMIT 1 + p_limit" in definition("events_waiting")
    assert {name: definition(name) for name in kept} == kept


def test_a_change_of_arguments_or_columns_is_refused(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of the release before still call it as it was. The new one needs a new name."""
    files = function_files()
    name = "events_waiting"
    for before, after in (("p_limit integer,", "p_limit bigint,"), ("OUT seen pg_snapshot", "OUT seen text")):
        assert before in files[name]
        changed = files | {name: files[name].replace(before, after)}
        with monkeypatch.context() as patch:
            patch.setattr("chatserver.storage.sql_functions.function_files", lambda changed=changed: changed)
            with pytest.raises(ProgrammingError):
                install_functions()
        assert outdated_functions() == []


def test_migrate_installs_what_is_missing_also_where_two_run_at_once(databases: Databases) -> None:
    env = databases.env_of(databases.copy()[0])
    session = psycopg2.connect(env["DATABASE_URL"])
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute("DROP FUNCTION events_waiting")
        for name in function_files().keys() - {"events_waiting"}:
            cursor.execute(f"COMMENT ON FUNCTION {name} IS NULL")
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda _: manage(env, "migrate", "--verbosity", "0"), range(2)))
        cursor.execute(
            "SELECT proname, obj_description(oid, 'pg_proc') FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
        assert {name for name, comment in cursor.fetchall() if comment} == set(function_files())
    session.close()


def test_a_part_of_the_apps_migrates_without_the_tables_of_the_others(databases: Databases) -> None:
    env = databases.env_of(databases.create())
    manage(env, "migrate", "users", "--verbosity", "0")
    manage(env, "migrate", "--verbosity", "0")
