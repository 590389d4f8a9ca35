"""PostgreSQL is frozen: it takes connections and answers nothing. Probes say so, and all goes on when it is back."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
from django.db import OperationalError, connection

from chatserver.storage.postgres.deadlines import Deadlines, answering_within, deadlines
from chatserver.tests.harness.databases import PrivateEngines
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

# Far more than a probe may take, far less than a query may.
ENOUGH_SECONDS = 10.0


def processes_of(engines: PrivateEngines) -> list[int]:
    main = int((engines.postgres.folder / "postmaster.pid").read_text().split()[0])
    return [main, *(child.pid for child in psutil.Process(main).children(recursive=True))]


def send_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # a worker of PostgreSQL that has ended
            os.kill(pid, number)


def test_a_frozen_postgresql_leaves_probes_alone_and_comes_back(
    private_engines: PrivateEngines, tmp_path: Path
) -> None:
    service = Service(private_engines.env, private_engines.accounts, tmp_path / "service.log").start()
    frozen = processes_of(private_engines)
    try:
        (alice,) = service.people()
        assert httpx.get(f"{service.url}/readyz").status_code == 200
        send_all(frozen, signal.SIGSTOP)
        # More of them than threads for REST.
        waiting = [threading.Thread(target=_ask_quietly, args=(service, alice.token)) for _ in range(10)]
        for thread in waiting:
            thread.start()
        answer = httpx.get(f"{service.url}/readyz", timeout=ENOUGH_SECONDS)
        assert (answer.status_code, answer.json()["database"]) == (503, "away: OperationalError")
        assert httpx.get(f"{service.url}/healthz", timeout=ENOUGH_SECONDS).status_code == 200
        send_all(frozen, signal.SIGCONT)
        for thread in waiting:
            thread.join()
        wait_for(lambda: httpx.get(f"{service.url}/readyz").status_code == 200, what="readiness")
        alice.send_text("back again")
    finally:
        send_all(frozen, signal.SIGCONT)
        service.stop()


def _ask_quietly(service: Service, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    httpx.get(f"{service.url}/api/v1/rooms/0/members/", headers=headers, timeout=60)


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has this process look for late queries, by hand."""
    monkeypatch.setattr(deadlines, "_is_on", True)
    return deadlines.shut_late


@pytest.mark.django_db
def test_a_query_that_is_late_fails_and_the_next_one_gets_a_new_connection(looking: Callable[[], None]) -> None:
    own = connection.copy()
    own.ensure_connection()
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.05):
            looking()

    looker = threading.Thread(target=look)
    looker.start()
    try:
        with answering_within(0.2, own), own.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("SELECT pg_sleep(60)")
    finally:
        stop.set()
        looker.join()
        own.close()
    with own.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    own.close()


def test_what_is_in_time_is_left_alone() -> None:
    """Nor is a descriptor shut that its query has given back."""
    read, write = os.pipe()
    quick = Deadlines()
    quick._is_on = True

    class Connection:
        closed = 0

        def fileno(self) -> int:
            return read

    query = quick.begin(60.0, Connection())
    quick.shut_late()
    quick.end(query)
    quick.shut_late()
    os.close(read)
    os.close(write)
