"""Databases for services: a template with everybody in it, made once, and copies of it."""

import fcntl
import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

from chatserver.storage.embedded import ensure_running
from chatserver.storage.embedded.account import engine_account, own_folder
from chatserver.storage.embedded.paths import Paths
from chatserver.storage.embedded.postgres import Postgres
from chatserver.storage.embedded.valkey import Valkey
from chatserver.tests.harness.accounts import Account, read_accounts
from chatserver.tests.harness.processes import environment, manage

PEOPLE = 120


def execute(host: Path, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
    """Run one statement, in the maintenance database unless another one is named."""
    connection = psycopg2.connect(host=str(host), user="postgres", dbname=database)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def fill(env: dict[str, str], tokens: Path) -> None:
    """Put the demo people and many others into a migrated database."""
    manage(env, "seed")
    manage(env, "seed", "--users", str(PEOPLE), "--tokens", str(tokens))


def folder_of_run(scratch: Path) -> Path:
    """The worker processes of xdist share the folder above their own; alone, that one is of all runs."""
    return scratch.parent if "PYTEST_XDIST_WORKER" in os.environ else scratch


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One process at a time."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Databases:
    """Copies of the template, on the embedded PostgreSQL of the tests."""

    def __init__(self, scratch: Path) -> None:
        ensure_running(settings.DATA_DIR)
        self._paths = Paths(settings.DATA_DIR)
        # A folder with the socket of something that stands between, PgBouncer say: services go through it.
        self._door = os.environ.get("CHAT_TEST_DOOR", self._paths.sockets)
        self._scratch = scratch
        self._made: list[str] = []
        self._template_name = ""
        self._template, self._tokens = self._make_template()

    def _make_template(self) -> tuple[str, Path]:
        """One a run."""
        shared = folder_of_run(self._scratch)
        tokens = shared / "tokens.tsv"
        with locked(shared / "template.lock"):
            name = self._template_name = "template_" + shared.name.replace("-", "_")
            if not tokens.exists():
                execute(self._paths.sockets, f"DROP DATABASE IF EXISTS {name}")
                execute(self._paths.sockets, f"DROP DATABASE IF EXISTS {self.migrated}")
                execute(self._paths.sockets, f"CREATE DATABASE {self.migrated}")
                manage(self.env_of(self.migrated), "migrate", "--verbosity", "0")
                execute(self._paths.sockets, f"CREATE DATABASE {name} TEMPLATE {self.migrated}")
                draft = shared / "tokens.draft"
                fill(self.env_of(name), draft)
                draft.rename(tokens)
        return name, tokens

    @property
    def migrated(self) -> str:
        """A template with all tables, and nobody in it."""
        return f"{self._template_name}_migrated"

    def env_of(self, name: str, **extra: str) -> dict[str, str]:
        # The template is reached directly: no copy can be made while PgBouncer holds a connection to it.
        host = self._paths.sockets if name.startswith(self._template_name) else self._door
        url = f"postgres://postgres@/{name}?host={host}"
        return environment(url, self._paths.redis_url, self._scratch / "data", REDIS_PREFIX=name, **extra)

    def copy(self) -> tuple[str, list[Account]]:
        """A fresh copy, by name, and its people, who have just got their tokens."""
        name = self.create(self._template)
        execute(self._paths.sockets, "UPDATE users_token SET created_at = now()", name)
        return name, read_accounts(self._tokens)

    def create(self, template: str = "template1") -> str:
        """A fresh database, by name: an empty one where no template is given."""
        name = f"service_{uuid.uuid4().hex[:12]}"
        execute(self._paths.sockets, f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.append(name)
        return name

    def drop_all(self) -> None:
        for name in self._made:
            execute(self._paths.sockets, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class PrivateEngines:
    """A PostgreSQL and a Valkey that a test may break. `filled` is the folder of some that were filled and stopped."""

    def __init__(self, folder: Path, filled: Path | None = None) -> None:
        account = engine_account(folder)
        sockets = folder / "run"
        own_folder(sockets, account)
        (folder / "logs").mkdir()
        if filled is not None:
            subprocess.run(["cp", "-a", filled / "postgres", filled / "tokens.tsv", folder], check=True)
        self.postgres = Postgres(folder / "postgres", sockets, folder / "logs" / "postgres.log", account)
        self.valkey = Valkey(folder / "valkey", sockets, folder / "logs" / "valkey.log", account)
        self.valkey.start()
        self.postgres.start()
        database_url = f"postgres://postgres@/chatserver?host={sockets}"
        self.env = environment(database_url, f"unix://{sockets / 'valkey.sock'}", folder / "data")
        if filled is None:
            manage(self.env, "migrate", "--verbosity", "0")
            fill(self.env, folder / "tokens.tsv")
        execute(sockets, "UPDATE users_token SET created_at = now()", "chatserver")
        self.accounts = read_accounts(folder / "tokens.tsv")

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()


def filled_engines(scratch: Path) -> Path:
    """The folder of engines with everybody in it, made once a run."""
    shared = folder_of_run(scratch)
    filled = shared / "engines"
    with locked(shared / "engines.lock"):
        if not filled.exists():
            draft = shared / "engines.draft"
            draft.mkdir()
            PrivateEngines(draft).stop()
            draft.rename(filled)
    return filled
