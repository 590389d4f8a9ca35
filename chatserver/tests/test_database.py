"""Our database backend."""

import subprocess
import sys
from contextlib import closing
from typing import Any

import psycopg2
from django.db import connection

from chatserver.storage.postgres.base import FROZEN_SECONDS, LOCK_SECONDS
from chatserver.storage.sql_functions import INSTALL_LOCK
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for


def test_idle_transactions_and_waits_for_locks_end(db: Any) -> None:
    new = connection.copy()
    with closing(new), new.cursor() as cursor:
        cursor.execute("SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout')")
        assert cursor.fetchone() == (f"{FROZEN_SECONDS}s", f"{LOCK_SECONDS}s")


def test_migrations_wait_shortly_for_locks_and_try_again(databases: Databases) -> None:
    env = databases.env_of(databases.copy()[0])
    holder = psycopg2.connect(env["DATABASE_URL"])
    with closing(holder), holder.cursor() as cursor:
        cursor.execute("COMMENT ON FUNCTION chats_at IS 'outdated'")
        holder.commit()
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALL_LOCK])
        command = [sys.executable, "manage.py", "migrate"]
        migrating = subprocess.Popen(command, cwd=PROJECT, env=env, stderr=subprocess.PIPE, text=True)
        with migrating:
            assert migrating.stderr is not None
            assert migrating.stderr.readline().endswith("trying again.\n")
            holder.rollback()
            assert migrating.wait(60) == 0
        cursor.execute("SELECT obj_description('chats_at'::regproc)")
        assert cursor.fetchone() != ("outdated",)


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
