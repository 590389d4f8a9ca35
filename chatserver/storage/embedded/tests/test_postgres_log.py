"""PostgreSQL's log names errors, and quotes neither statements nor values."""

import stat

import psycopg2
import pytest

from chatserver.tests.harness.databases import PrivateEngines

SECRET = "sesame-sesame"
FAILING = {
    "a name that is taken": "INSERT INTO users_user SELECT * FROM users_user u WHERE username <> %s",
    "a reference to nothing": "UPDATE chats_message SET sender_id = -1, text = %s",
    "too long": "UPDATE users_user SET username = repeat(%s, 100)",
    "no number": "SELECT %s::text || 1/0",
}


@pytest.mark.parametrize("failing", FAILING)
def test_what_failed_is_named_and_not_quoted(private_engines: PrivateEngines, failing: str) -> None:
    log = private_engines.postgres.log
    before = len(log.read_text())
    connection = psycopg2.connect(private_engines.env["DATABASE_URL"])
    try:
        with connection.cursor() as cursor, pytest.raises(psycopg2.Error):
            cursor.execute(FAILING[failing], [SECRET])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    finally:
        connection.close()
    written = log.read_text()[before:]
    assert "ERROR:" in written
    assert SECRET not in written
    assert "STATEMENT" not in written
    assert "DETAIL" not in written


def test_the_folder_of_the_cluster_is_private(private_engines: PrivateEngines) -> None:
    assert stat.S_IMODE(private_engines.postgres.folder.stat().st_mode) == 0o700
