"""Our database backend."""

from typing import Any

from django.db import connection

from chatserver.storage.postgres.base import FROZEN_SECONDS
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for


def test_a_transaction_that_stands_idle_is_ended(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == (f"{FROZEN_SECONDS}s",)


def test_a_request_notices_that_the_server_ended_its_idle_connections(granian: Service) -> None:
    (alice,) = granian.people()
    assert alice.get("/api/v1/users/me/").status_code == 200
    ended = granian.sql(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    pids = [pid for pid, _ in ended]
    wait_for(lambda: granian.sql("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", pids) == [(0,)])
    for _ in range(10):
        assert alice.get("/api/v1/users/me/").status_code == 200
