"""PostgreSQL has no space left: writes are refused, reads and streams go on, and nothing acknowledged is lost (I1).

The first test has the database say so, and runs everywhere. The second one fills a small file system of its own, up to
the end of the WAL and PostgreSQL's own crash. It has to mount that, which only root may, and is skipped otherwise.
"""

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg2
import pytest

from chatserver.tests.harness.databases import PrivateEngines, filled_engines
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

DISK = "192m"
MAX_POSTS = 3_000
MAX_SEGMENTS = 60
SAY_FULL = """
CREATE FUNCTION say_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full';
END
$$;
"""
TABLES = ("events_outbox", "chats_message", "rooms_room", "users_token", "users_ticket", "users_user")


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "database_unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def assert_readable(person: Client) -> None:
    for path in ("/api/v1/rooms/", "/api/v1/rooms/0/messages/", "/api/v1/users/me/", "/readyz"):
        assert person.get(path).status_code == 200, path


def test_writes_are_refused_while_the_disk_is_full_and_reads_go_on(start_service: Callable[..., Service]) -> None:
    """Expectation: each write answers 503 with a problem and Retry-After, none 500; reads, readiness and open streams
    stay, new streams open; and when there is space again the next write is heard."""
    service = start_service()
    alice, bob, charlie = service.people(3)
    room = alice.make_room(bob)
    stream = bob.listen()
    alice.send_text("before")
    service.sql(SAY_FULL)
    for table in TABLES:
        service.sql(f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION say_full()")
    writes = [
        ("POST", "/api/v1/chats/", {"room_id": room, "message": "lost?"}),
        ("POST", "/api/v1/rooms/", {"name": "a room", "kind": "open", "members": []}),
        ("PATCH", f"/api/v1/rooms/{room}/", {"name": "another name"}),
        ("POST", f"/api/v1/rooms/{room}/members/", {"user_ids": [charlie.id]}),
        ("POST", "/api/v1/tickets/", None),
        ("POST", "/api/v1/users/", {"username": "newcomer", "password": "correct horse battery"}),
    ]
    for method, path, body in writes:
        assert_refused(alice.request(method, path, json=body))
    assert_readable(alice)
    newcomer = alice.listen()
    for table in TABLES:
        service.sql(f"DROP TRIGGER full_disk ON {table}")
    alice.send_text("after")
    for heard, texts in ((stream, ["before", "after"]), (newcomer, ["after"])):
        wait_for(lambda heard=heard, texts=texts: heard.texts() == texts, what="what was sent when there was space")
        assert not heard.is_closed


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose `postgres` is a small file system."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    folder = tmp_path_factory.mktemp("small")
    mounted = folder / "postgres"
    mounted.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(mounted)], capture_output=True)
    if done.returncode != 0:
        pytest.skip(f"this root may not mount a file system: {done.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(mounted)], check=True)


@pytest.fixture
def engines(small_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngines]:
    made = PrivateEngines(small_disk, filled_engines(tmp_path_factory.getbasetemp()))
    yield made
    made.stop()


def fill(disk: Path) -> Path:
    """Take all the space that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def use_up_wal(url: str) -> None:
    """Have PostgreSQL begin segment after segment, until there is no space for one, and it gives up."""
    with suppress(psycopg2.OperationalError):
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for _ in range(MAX_SEGMENTS):
                cursor.execute("SELECT pg_logical_emit_message(false, 'test', repeat('x', 4000)), pg_switch_wal()")
        raise AssertionError("PostgreSQL never ran out of space for its WAL")


@pytest.mark.timeout(400)  # its waits add up to 270 s on a busy machine
def test_postgres_fills_its_disk_crashes_and_comes_back(engines: PrivateEngines, tmp_path: Path) -> None:
    """Expectation: 201 or 503, never 500; the stream stays open through it all; when there is space again and
    PostgreSQL runs, each acknowledged message has been heard once, in order, and no other."""
    service = Service(engines.env, engines.accounts, tmp_path / "service.log").start()
    try:
        alice, bob = service.people(2)
        stream = bob.listen()
        kept = [alice.send_text("before")["message"]]
        ballast = fill(engines.postgres.folder)

        def post() -> bool:
            text = secrets.token_hex(1_900)
            answer = alice.post("/api/v1/chats/", json={"room_id": 0, "message": text}, timeout=60)
            if answer.status_code == 201:
                kept.append(text)
                return True
            assert_refused(answer)
            return False

        assert any(not post() for _ in range(MAX_POSTS)), "the disk never was full"
        assert_readable(alice)
        use_up_wal(engines.env["DATABASE_URL"])
        assert "PANIC" in engines.postgres.log.read_text()
        assert not post()
        # If it restarted by itself, its recovery would fail, too, and it could hang instead of ending.
        wait_for(lambda: not engines.postgres.is_running, 60, "the end of PostgreSQL")
        assert "reinitializing" not in engines.postgres.log.read_text()
        with pytest.raises(RuntimeError, match="did not start"):
            engines.postgres.start()
        ballast.unlink()

        def answers_again() -> bool:
            # As the keeper does, or an init system.
            if not engines.postgres.is_running:
                engines.postgres.start()
            return post()

        wait_for(answers_again, 180, "PostgreSQL to come back")
        wait_for(lambda: len(stream.texts()) >= len(kept), 30, "all that was acknowledged")
        assert stream.texts() == kept
        assert not stream.is_closed
        assert service.sql("SELECT count(*) FROM chats_message WHERE room_id = 0")[0][0] >= len(kept)
    finally:
        service.stop()
