"""A database of every set of migrations that landed migrates without loss, and serves (see landed_databases)."""

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from chatserver.tests.harness.accounts import Account
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.dumps import Row, in_order, newest_ids_of, pg_dump, query, rows_of, schema_of
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.processes import manage
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

# As landed_databases/fill.py sets it.
PASSWORD = "correct horse battery"
DUMPS = sorted((Path(__file__).parent / "landed_databases").glob("*.sql.gz"))
# What Django adds rows to when there are new models.
REGISTERS = {"django_content_type", "auth_permission"}
# Columns that hold nothing which is not elsewhere: the log's rows tell where it ends.
DROPPED = {("events_head", "position")}

FUNCTION = "SELECT pg_get_functiondef('chats_send_all'::regproc)"


class Landed:
    """A dump that was restored and migrated. `before` is what was in it, `after` what is in it now."""

    def __init__(self, dump: Path, databases: Databases, log: Path) -> None:
        self.env = databases.env_of(databases.create(), CHAT_LOG_DAYS="36500")  # else the log is too old one day
        self.url = self.env["DATABASE_URL"]
        query(self.url, gzip.decompress(dump.read_bytes()).decode())
        self.before, self.newest_ids_before = rows_of(self.url), newest_ids_of(self.url)
        manage(self.env, "migrate", "--verbosity", "0")
        self.after, self.newest_ids_after = rows_of(self.url), newest_ids_of(self.url)
        self.service = Service(self.env, [], log)

    def person(self, name: str) -> Client:
        user_id = next(row["id"] for row in self.before["users_user"] if row["username"] == name)
        return self.service.client(Account(name, user_id, f"ct_{name}"))


class Comparer:
    """Schemas as they are after a restore: PostgreSQL writes some checks differently there. `new` is today's."""

    def __init__(self, databases: Databases) -> None:
        self._scratch = databases.env_of(databases.create())["DATABASE_URL"]
        self.new = self.schema_of(databases.env_of(databases.copy()[0])["DATABASE_URL"])

    def schema_of(self, url: str) -> dict[str, list[str]]:
        query(self._scratch, "DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + pg_dump(url, "--schema-only"))
        return schema_of(self._scratch)


@pytest.fixture(scope="module")
def comparer(databases: Databases) -> Comparer:
    return Comparer(databases)


@pytest.fixture(scope="module")
def landed_of(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Landed]]:
    """Each dump is restored and migrated once."""
    made: dict[Path, Landed] = {}

    def of(dump: Path) -> Landed:
        if dump not in made:
            made[dump] = Landed(dump, databases, tmp_path_factory.mktemp("landed") / "log")
        return made[dump]

    yield of
    for landed in made.values():
        landed.service.stop()


@pytest.fixture
def landed(dump: Path, landed_of: Callable[[Path], Landed]) -> Landed:
    return landed_of(dump)


def as_parameter(dump: Path) -> Any:
    """One worker process takes all tests of a dump."""
    name = dump.name.removesuffix(".sql.gz")
    return pytest.param(dump, id=name, marks=pytest.mark.xdist_group(f"landed {name}"))


with_each_dump = pytest.mark.parametrize("dump", [as_parameter(dump) for dump in DUMPS])
# All have the same schema and rows then, so that these stand for the others.
SOME_DUMPS = [DUMPS[0], DUMPS[len(DUMPS) // 2], DUMPS[-1]]
with_some_dumps = pytest.mark.parametrize("dump", [as_parameter(dump) for dump in SOME_DUMPS])


@with_each_dump
def test_nothing_is_lost(landed: Landed) -> None:
    for table, rows in landed.before.items():
        assert rows, f"{table} is empty, so this proves nothing of it"
        check_kept(table, rows, landed.after[table])
    for row in [*landed.after["events_event"], *landed.after["events_outbox"]]:
        shows_message = row["type"] in ("message.created", "message.deleted")
        assert row["message_id"] == (json.loads(row["body"])["id"] if shows_message else None)
    wrote = {(row["room_id"], row["sender_id"]) for row in landed.before["chats_message"]}
    for row in landed.after["rooms_membership"]:
        assert row["has_written"] == ((row["room_id"], row["user_id"]) in wrote)
    for sequence, newest in landed.newest_ids_before.items():
        assert landed.newest_ids_after[sequence] >= newest, f"{sequence} would give an id again"


@with_some_dumps
def test_to_migrate_again_changes_nothing(landed: Landed) -> None:
    schema = schema_of(landed.url)
    assert "No migrations to apply." in manage(landed.env, "migrate")
    assert rows_of(landed.url) == landed.after
    assert schema_of(landed.url) == schema


def check_kept(table: str, rows: list[Row], found: list[Row]) -> None:
    """That each row is still there, with the same value in each column."""
    dropped = set(rows[0]) - set(found[0])
    assert {(table, column) for column in dropped} <= DROPPED
    columns = set(rows[0]) - dropped
    expected, kept = only(columns, rows), only(columns, found)
    if table in REGISTERS:
        assert [row for row in expected if row not in kept] == []
    elif table != "django_migrations":
        assert kept == expected, table


def only(columns: set[str], rows: list[Row]) -> list[Row]:
    return in_order({column: row[column] for column in columns} for row in rows)


@with_each_dump
def test_its_schema_is_that_of_a_new_database(landed: Landed, comparer: Comparer) -> None:
    assert comparer.schema_of(landed.url) == comparer.new


@with_some_dumps
def test_it_serves_what_it_held_and_goes_on(landed: Landed) -> None:
    service = landed.service.start()
    alice, bob = landed.person("alice"), landed.person("bob")
    log_ends_at = max(row["position"] for row in landed.before["events_event"])

    # From the oldest position that the log has, with what waited in the outbox.
    stream = alice.listen(last_event_id=str(landed.before["events_head"][0]["trimmed"]))
    sent = alice.send_text("after the migration", client_message_id="new-id")
    event = stream.wait("message.created", lambda data: data["data"]["id"] == sent["id"])
    assert stream.named("hello")[0].data["resumed"] is True
    assert stream.named("reset") == []
    assert event.position > log_ends_at
    positions = [event.position for event in stream.events if event.position and event.name != "hello"]
    assert positions == sorted(set(positions))
    for room_id in rooms_of(alice, landed):
        held = [row for row in landed.before["chats_message"] if row["room_id"] == room_id]
        texts = [row["text"] for row in sorted(held, key=lambda row: row["seq"])]
        page = alice.get(f"/api/v1/rooms/{room_id}/messages/").json()["results"]
        assert [message["message"] for message in page] == texts + ["after the migration"] * (room_id == 0)
        assert [message["seq"] for message in page] == list(range(1, len(page) + 1))
        heard = [event.data for event in stream.named("message.created") if event.data["room_id"] == room_id]
        assert [data["data"]["id"] for data in heard] == [message["id"] for message in page]

    # Who came later hears from then on; what was sent before is known by its client id.
    again = bob.send_text("waits there too", direct_room(landed), client_message_id="waiting-id")
    assert again["id"] in [row["id"] for row in landed.before["chats_message"]]
    assert again["client_message_id"] == "waiting-id"
    check_credentials(service, alice, landed)


def rooms_of(person: Client, landed: Landed) -> list[int]:
    return [row["room_id"] for row in landed.before["rooms_membership"] if row["user_id"] == person.id]


def direct_room(landed: Landed) -> int:
    """That of alice and bob."""
    return next(row["room_id"] for row in landed.before["chats_message"] if row["client_message_id"] == "waiting-id")


def check_credentials(service: Service, alice: Client, landed: Landed) -> None:
    """Passwords, sessions and tickets are good, a banned person stays out, and newcomers enter General."""
    session_key = landed.before["django_session"][0]["session_key"]
    mallory = {"username": "mallory", "password": PASSWORD}
    with httpx.Client(base_url=service.url) as anybody:
        me = anybody.get("/api/v1/users/me/", headers={"Cookie": f"sessionid={session_key}"})
        assert me.json()["id"] == alice.id
        with anybody.stream("GET", "/api/v1/stream", params={"ticket": "ck_alice"}) as stream:
            assert stream.status_code == 200
        assert anybody.post("/api/v1/tokens/", json={"username": "alice", "password": PASSWORD}).status_code == 201
        assert anybody.post("/api/v1/tokens/", json=mallory).status_code == 401
        newcomer = anybody.post("/api/v1/users/", json={"username": "later", "password": PASSWORD, "email": ""})
    assert newcomer.status_code == 201, newcomer.text
    assert newcomer.json()["id"] in [row["user"]["id"] for row in members_of_general(alice)]


def members_of_general(person: Client) -> list[Row]:
    return person.get("/api/v1/rooms/0/members/").json()["results"]


def test_a_message_that_is_sent_by_the_old_function_while_it_is_replaced_can_be_redacted(databases: Databases) -> None:
    env = databases.env_of(databases.create())
    url = env["DATABASE_URL"]
    query(url, gzip.decompress(DUMPS[-1].read_bytes()).decode())
    ((old,),) = query(url, FUNCTION)
    manage(env, "migrate", "events", "0008_message_index", "--verbosity", "0")
    query(url, f"{old}; COMMENT ON FUNCTION chats_send_all IS NULL")
    ((room, sender),) = query(url, "SELECT room_id, user_id FROM rooms_membership WHERE room_id <> 0 LIMIT 1")
    session = psycopg2.connect(url)
    with ThreadPoolExecutor(1) as pool, session.cursor() as cursor:
        cursor.execute(SEND_MANY.replace("chats_send_plain", "chats_send_all"), [room, sender, "late", 1])
        migrating = pool.submit(manage, env, "migrate", "chats", "0006_message_ids", "--verbosity", "0")
        wait_for(lambda: query(url, FUNCTION) != [(old,)], 60, "the new text of the function")
        session.commit()
        migrating.result(60)
    session.close()
    manage(env, "migrate", "--verbosity", "0")
    ((body, message_id),) = query(url, "SELECT body, message_id FROM events_outbox ORDER BY id DESC LIMIT 1")
    assert json.loads(body)["message"] == "late"
    assert message_id == json.loads(body)["id"]
