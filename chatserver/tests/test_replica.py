"""With a replica, pages come from there, and nobody reads his own past, not even where it stands still."""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import Error, connection

from chatserver.replica.limit import Limit
from chatserver.replica.rest import Rest
from chatserver.tests.harness.databases import PrivateEngines, execute
from chatserver.tests.harness.replicas import Door, Replica
from chatserver.tests.harness.service import Client, Service, manage
from chatserver.tests.harness.waiting import wait_for

# The engines and the service are those of all tests here; the last one breaks them.
pytestmark = pytest.mark.xdist_group("replica")
REMOVE = (
    "from chats.models import Message; from chats.actions import remove_message; from users.models import User; "
    "remove_message(Message.objects.get(pk={}), actor=User.objects.get(pk={}))"
)


class Scene:
    """A service with a primary and a replica, each of which notes the statements it runs."""

    def __init__(self, folder: Path) -> None:
        self.engines = PrivateEngines(folder)
        self.primary = self.engines.postgres
        self.replica = Replica(self.primary, folder / "replica")
        self.replica.start()
        for server in (self.primary, self.replica):
            execute(server.sockets, "ALTER SYSTEM SET log_statement = 'all'")
            execute(server.sockets, "SELECT pg_reload_conf()")
        self.door = Door(folder / "door", self.engines)
        self.replica_door = Door(folder / "replica-door", self.engines)
        self.replica_door.lead_to(self.replica)
        # One thread, so that it is the one whose connection a fault meets.
        env = self.door.env | {"DATABASE_REPLICA_URL": self.replica_door.env["DATABASE_URL"], "CHAT_THREADS": "1"}
        self.service = Service(env, self.engines.accounts, folder / "service.log").start()

    def read_by(self, look: Callable[[], Any], table: str) -> set[str]:
        """Which of the two read this table when we looked."""
        servers = {"primary": self.primary, "replica": self.replica}
        before = {name: reads_of(server.log, table) for name, server in servers.items()}
        look()
        return {name for name, server in servers.items() if reads_of(server.log, table) > before[name]}

    def wait_until_served(self, look: Callable[[], Any], table: str) -> None:
        """Until the replica alone answers: it may have been left alone for a while."""
        wait_for(lambda: self.read_by(look, table) == {"replica"}, 30)

    def pause_replay(self) -> None:
        execute(self.replica.sockets, "SELECT pg_wal_replay_pause()")
        wait_for(lambda: execute(self.replica.sockets, "SELECT pg_get_wal_replay_pause_state()") == [("paused",)])

    def resume_replay(self) -> None:
        execute(self.replica.sockets, "SELECT pg_wal_replay_resume()")

    def stop(self) -> None:
        self.service.stop()
        self.replica.stop()
        self.engines.stop()


def reads_of(log: Path, table: str) -> int:
    return len(re.findall(rf'FROM "?{table}\b', log.read_text(errors="replace")))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene(tmp_path_factory.mktemp("scene"))
    yield made
    made.stop()


def texts(reader: Client, room: int, query: str = "") -> list[str]:
    answer = reader.get(f"/api/v1/rooms/{room}/messages/{query}")
    assert answer.status_code == 200, answer.text
    return [message["message"] for message in answer.json()["results"]]


def test_pages_come_from_the_replica_and_who_asks_from_the_primary(scene: Scene) -> None:
    alice, bob = scene.service.people(2)
    room = alice.make_room(bob)
    sent = alice.send_text("hello", room)
    history = f"/api/v1/rooms/{room}/messages/"
    tables = {
        history: "chats_page",
        f"{history}?around={sent['id']}": "chats_page",
        f"/api/v1/chats/?room_id={room}": "chats_message",
        "/api/v1/chats/": "chats_message",
        "/api/v1/rooms/": "rooms_inbox",
        "/api/v1/rooms/?joinable=true": "rooms_room",
        f"/api/v1/rooms/{room}/": "rooms_membership",
        "/api/v1/users/": "users_user",
    }
    for path, table in tables.items():
        scene.wait_until_served(lambda path=path: bob.get(path).raise_for_status(), table)
    assert scene.read_by(lambda: bob.get(history), "users_token") == {"primary"}
    assert scene.read_by(lambda: bob.get(f"/api/v1/rooms/{room}/members/"), "rooms_membership") >= {"primary"}
    assert scene.read_by(lambda: bob.get("/api/v1/events/"), "events_event") <= {"primary"}
    assert 'chat_replica_reads_total{outcome="served"}' in bob.get("/metrics").text


def test_who_writes_finds_it_at_once(scene: Scene) -> None:
    alice, bob = scene.service.people(2)
    room = alice.make_room(bob)
    for number in range(100):
        alice.send_text(f"text {number}", room)
        assert texts((alice, bob)[number % 2], room, "?limit=1") == [f"text {number}"]


def test_nobody_sees_the_past_of_a_replica_that_stands_still(scene: Scene) -> None:
    alice, bob = scene.service.people(2)
    room, other = alice.make_room(bob), alice.make_room(bob)
    secret = alice.send_text("a telephone number", room)
    scene.wait_until_served(lambda: texts(bob, room), "chats_page")
    scene.pause_replay()
    try:
        alice.send_text("news", room)
        manage(scene.service.env, "shell", "-c", REMOVE.format(secret["id"], alice.id))
        alice.delete(f"/api/v1/rooms/{other}/members/{bob.id}/").raise_for_status()
        alice.patch("/api/v1/users/me/", json={"display_name": "Alice Again"}).raise_for_status()
        for _ in range(10):
            assert texts(bob, room) == ["", "news"]
            rooms = bob.get("/api/v1/rooms/").json()["results"]
            assert {shown["id"] for shown in rooms} == {0, room}
            assert rooms[0]["last_message"]["message"] == "news"
            for page in ("", "messages/"):
                assert bob.get(f"/api/v1/rooms/{other}/{page}").status_code == 404
            (found,) = bob.get(f"/api/v1/users/?q={alice.name}&limit=1").json()["results"]
            assert found["display_name"] == "Alice Again"
    finally:
        scene.resume_replay()
    scene.wait_until_served(lambda: texts(bob, room), "chats_page")
    assert texts(bob, room) == ["", "news"]


@pytest.mark.parametrize("fault", ["frozen", "stopped"])
def test_without_the_replica_answers_go_on(scene: Scene, fault: str) -> None:
    alice, bob = scene.service.people(2)
    room = alice.make_room(bob)
    scene.wait_until_served(lambda: texts(bob, room), "chats_page")
    assert scene.replica.process is not None
    processes = [psutil.Process(scene.replica.process.pid)]
    processes += processes[0].children(recursive=True)
    if fault == "stopped":
        scene.replica.stop()
    else:
        for process in processes:
            process.send_signal(signal.SIGSTOP)
    try:
        for number in range(20):
            alice.send_text(f"text {number}", room)
            assert texts(bob, room, "?limit=1") == [f"text {number}"]
    finally:
        if fault == "stopped":
            scene.replica.start()
        else:
            for process in processes:
                process.send_signal(signal.SIGCONT)
    scene.wait_until_served(lambda: texts(bob, room), "chats_page")


def test_an_old_primary_is_no_replica_however_far_it_is(scene: Scene) -> None:
    """After a failover what follows the old history is further on in the WAL than the new primary, and knows less."""
    alice, bob = scene.service.people(2)
    room = alice.make_room(bob)
    alice.send_text("kept", room)
    scene.replica.wait_until_equal()
    scene.replica.detach()
    alice.send_text("lost", room)
    execute(scene.primary.sockets, "SELECT pg_switch_wal()")
    scene.primary.process.send_signal(signal.SIGQUIT)  # so that it has to recover, as a replica has
    scene.primary.process.wait()
    scene.replica.promote()
    scene.door.lead_to(scene.replica)
    scene.primary.start()
    scene.replica_door.lead_to(scene.primary)
    (old,) = execute(scene.primary.sockets, "SELECT pg_last_wal_replay_lsn()")
    (new,) = execute(scene.replica.sockets, "SELECT pg_current_wal_flush_lsn()")
    assert execute(scene.replica.sockets, f"SELECT '{old[0]}'::pg_lsn > '{new[0]}'::pg_lsn") == [(True,)]

    wait_for(lambda: bob.get("/api/v1/users/me/").status_code == 200)
    assert texts(bob, room) == ["kept"]
    alice.send_text("new", room)
    for _ in range(10):
        assert texts(bob, room) == ["kept", "new"]


def test_a_call_that_takes_too_long_is_cut_off(db: Any) -> None:
    other = connection.copy()
    other.ensure_connection()
    limit = Limit(0.2)
    try:
        with limit.on(other), other.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
        with pytest.raises(Error), limit.on(other), other.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
    finally:
        other.close()


def test_one_asks_for_all_when_the_rest_is_over() -> None:
    rest = Rest(60)
    assert [rest.may_ask(), rest.may_ask()] == [True, True]
    rest.begin(60)
    assert not rest.may_ask()
    rest.end()
    rest.begin(0.01)
    assert wait_for(rest.may_ask)
    assert not rest.may_ask()
    rest.begin(0.01)
    assert wait_for(rest.may_ask)
    rest.end()
    assert [rest.may_ask(), rest.may_ask()] == [True, True]
