"""A dump is restored into the running PostgreSQL: who saw what is gone gets a reset, and never a wrong resume (I4)."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from chatserver.storage.embedded.paths import Paths
from chatserver.storage.embedded.postgres import find_programs
from chatserver.tests.harness.databases import execute
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

EMPTY_ALL_TABLES = """
DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(relname), ', ')
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'); END $$
"""


class Backup:
    """A dump of a service's database by PostgreSQL's own programs, and the ways to restore it."""

    def __init__(self, service: Service, file: Path) -> None:
        self._service = service
        self._file = file
        self._sockets = Paths(settings.DATA_DIR).sockets
        self._name = urlsplit(service.env["DATABASE_URL"]).path.strip("/")
        self._run("pg_dump", "-Fc", "-f", str(file), self._name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(find_programs() / program), "-h", str(self._sockets), "-U", "postgres", *arguments]
        subprocess.run(command, check=True)

    def clean(self) -> None:
        """Drop each table, and make it anew."""
        self._run("pg_restore", "--clean", "--if-exists", "--single-transaction", "-d", self._name, str(self._file))

    def recreate(self) -> None:
        """Drop the database, and make it anew."""
        execute(self._sockets, f"DROP DATABASE {self._name} WITH (FORCE)")
        execute(self._sockets, f"CREATE DATABASE {self._name}")
        self._run("pg_restore", "-d", self._name, str(self._file))

    def refill(self) -> None:
        """Keep the tables, and put the old rows into them."""
        self._service.sql(EMPTY_ALL_TABLES)
        self._run("pg_restore", "--data-only", "--disable-triggers", "-d", self._name, str(self._file))


@pytest.mark.parametrize("restore", [Backup.clean, Backup.recreate, Backup.refill])
def test_after_a_restore_nobody_resumes_from_what_is_gone(
    start_service: Callable[..., Service], tmp_path: Path, restore: Callable[[Backup], None]
) -> None:
    service = start_service()
    alice, bob = service.people(2)
    stream = bob.listen()
    alice.send_text("kept")
    kept = stream.wait("message.created").id
    backup = Backup(service, tmp_path / "backup")
    gone_texts = [f"gone {number}" for number in range(5)]
    for text in gone_texts:
        alice.send_text(text)
    wait_for(lambda: stream.texts() == ["kept", *gone_texts])
    gone = [event.id for event in stream.named("message.created")][1:]

    restore(backup)
    # More than is gone, so that each position of those would be passed.
    new_texts = [f"new {number}" for number in range(8)]
    wait_for(lambda: alice.get("/api/v1/users/me/").status_code == 200, what="the restored database")
    for text in new_texts:
        alice.send_text(text)
    wait_for(lambda: len(bob.get(f"/api/v1/events/?after={kept}").json()["results"]) == len(new_texts))
    # While all tables are empty, the stream may find less than that something was lost.
    assert stream.wait("bye").data["reason"] in {"lost", "error"}
    for position in gone:
        late = bob.listen(position)
        assert late.wait("reset").data["reason"] == "lost"
        assert late.texts() == []
        late.close()
        polled = bob.get(f"/api/v1/events/?after={position}").json()
        assert (polled["reset"]["reason"], polled["results"]) == ("lost", [])
    again = bob.listen(kept)
    wait_for(lambda: again.texts() == new_texts)
    assert not again.named("reset")
    polled = bob.get(f"/api/v1/events/?after={kept}").json()
    assert [event["data"]["message"] for event in polled["results"]] == new_texts
