"""What is away is one line in the log when it goes and one when it is back, and everything works again by itself."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from chatserver.storage import outages
from chatserver.storage.embedded.paths import Paths
from chatserver.tests.harness.databases import Databases, PrivateEngines, execute
from chatserver.tests.harness.processes import PROJECT, manage
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

Start = Callable[..., Service]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Service] = []

    def begin(env: dict[str, str], accounts: list[Any], **options: Any) -> Service:
        started.append(Service(env, accounts, tmp_path / "log", **options))
        return started[-1].start()

    yield begin
    for service in started:
        service.stop()


def told(service: Service) -> list[dict[str, Any]]:
    """The lines of the log without those of requests."""
    lines = service.log.read_text().splitlines()
    facts = [json.loads(line) for line in lines if not line.startswith(("Listening on", "Starting"))]
    # How many files may be open depends on where the tests run.
    return [fact for fact in facts if fact["event"] not in {"request", "few_open_files"}]


def events(service: Service) -> list[str]:
    return [fact["event"] for fact in told(service)]


def let_pass(seconds: float) -> None:
    """Time for many attempts."""
    end = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > end, seconds + 5)


def start_unready(env: dict[str, str], log: Path) -> Service:
    """One that answers, and can't be ready yet."""
    service = Service(env, [], log)
    with pytest.raises(AssertionError, match="readiness"):
        service.start(seconds=0)
    return service


def test_redis_away_is_one_line_and_its_return_another(private_engines: PrivateEngines, start: Start) -> None:
    service = start(private_engines.env, private_engines.accounts)
    alice, bob = service.people(2)
    stream = bob.listen()
    private_engines.valkey.stop()
    for number in range(5):
        alice.send_text(f"message {number}")
        assert alice.post("/api/v1/rooms/0/typing/").status_code == 204
        let_pass(1)
    assert len(stream.texts()) == 5
    private_engines.valkey.start()
    wait_for(lambda: "redis_back" in events(service), outages.QUIET_SECONDS + 15, "the line of its return")
    assert events(service) == ["redis_away", "redis_back"]
    # Only what goes through Redis tells that this process is subscribed again.
    other = Service(private_engines.env, [], service.log.with_name("other")).start()
    try:
        far = bob.listen(service=other)
        wait_for(lambda: alice.post("/api/v1/rooms/0/typing/") and far.named("typing.started"), 30, "typing over Redis")
    finally:
        other.stop()


def test_a_wrong_password_of_redis_is_one_line(databases: Databases, start: Start) -> None:
    name, accounts = databases.copy()
    env = databases.env_of(name)
    service = start({**env, "REDIS_URL": env["REDIS_URL"].replace("unix://", "unix://nobody:wrong@")}, accounts)
    alice, bob = service.people(2)
    stream = bob.listen()
    alice.send_text("without Redis")
    let_pass(4)
    assert stream.texts() == ["without Redis"]
    (line,) = told(service)
    assert line["event"] == "redis_away"
    assert "invalid username-password pair" in line["error"]


def test_without_migrations_it_says_so_once_and_starts_as_soon_as_they_are_there(
    databases: Databases, start: Start, tmp_path: Path
) -> None:
    env = databases.env_of(databases.create())
    service = start_unready(env, tmp_path / "log")
    try:
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        assert httpx.get(f"{service.url}/readyz").json()["database"] == "migrations missing"
        for path in ("/api/v1/session/", "/api/v1/stream"):
            asked = httpx.get(f"{service.url}{path}", headers={"Authorization": "Bearer ct_unknown"})
            assert (asked.status_code, "Retry-After" in asked.headers) == (503, True)
        let_pass(4)
        (line,) = told(service)
        assert (line["event"], line["hint"]) == ("database_away", "run manage.py migrate")
        manage(env, "migrate", "--verbosity", "0")
        wait_for(service.is_ready, 30, "readiness")
    finally:
        service.stop()


def test_postgresql_that_refuses_is_one_line(databases: Databases, tmp_path: Path) -> None:
    env = {**databases.env_of("none"), "DATABASE_URL": "postgres://chat:secret@127.0.0.1:1/chat"}
    service = start_unready(env, tmp_path / "log")
    try:
        let_pass(4)
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        assert events(service) == ["database_away"]
        assert "secret" not in service.log.read_text()
    finally:
        service.stop()


def test_a_command_without_postgresql_ends_with_a_sentence(databases: Databases) -> None:
    env = {**databases.env_of("none"), "DATABASE_URL": "postgres://chat:secret@127.0.0.1:1/chat"}
    refused = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=PROJECT, env=env, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("PostgreSQL does not serve this: ")
    assert "Traceback" not in refused.stderr


def test_a_read_only_postgresql_is_one_line_and_refuses_writes_until_it_is_not(
    databases: Databases, start: Start
) -> None:
    name, accounts = databases.copy()
    service = start(databases.env_of(name), accounts)
    (alice,) = service.people()
    stream = alice.listen()

    def set_read_only(value: str) -> None:
        sockets = Paths(settings.DATA_DIR).sockets
        execute(sockets, f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")
        if value == "on":
            execute(sockets, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    set_read_only("on")
    body = {"room_id": 0, "message": "later"}
    for _ in range(5):
        refused = alice.post("/api/v1/chats/", json=body)
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert alice.get("/api/v1/rooms/").status_code == 200
    lines = [line for line in told(service) if line.get("hint")]
    assert [line["event"] for line in lines] == ["database_away"]
    assert "Traceback" not in service.log.read_text()
    # Connections that are open keep the default that they began with: they must not be kept.
    set_read_only("off")
    wait_for(lambda: alice.post("/api/v1/chats/", json=body).status_code == 201, what="a write")
    wait_for(lambda: stream.texts() == ["later"])
