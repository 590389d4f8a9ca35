"""Streams that open together share their look-ups and what they missed, and each gets what is theirs (I4, I6)."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from chats.stream import handshake, handshake_reads
from chats.stream import hub as hub_module
from chats.stream.dialects import API
from chats.stream.handshake import Handshakes
from chats.stream.handshake_reads import Admission, Asked, Handshake
from chats.stream.hub import Hub
from chats.stream.recent_events import MAX_RECENT_ROWS
from chatserver.errors import Unauthorized
from chatserver.events import log
from chatserver.events.revocations import credential_of
from chatserver.events.rows import Row
from chatserver.events.sequencer import sequence
from chatserver.events.subscriptions import Subscriptions, all_subscriptions_of, subscriptions_of
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.rows import ids_in, row
from chatserver.tests.harness.service import Service
from users.actions.credentials import issue_token
from users.actions.people import ban_user
from users.credentials.identity import Identity
from users.models import User, hash_secret

LIMIT = 10


# Who asks, and what they may hear


@pytest.fixture(autouse=True)
def keep_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the test's own thread, which is no reader's."""
    monkeypatch.setattr(handshake_reads, "close_old_connections", lambda: None)


@pytest.fixture
def token_of(db: None) -> Callable[[User], bytes]:
    return lambda user: hash_secret(issue_token(user)[0])


def test_many_are_looked_up_with_as_few_statements_as_one(
    token_of: Callable[[User], bytes], alice: User, bob: User, charlie: User, django_assert_num_queries: Any
) -> None:
    people = [alice, bob, charlie]
    asked = [Asked(token_of(person), None) for person in people] + [Asked(b"no token", None)]
    with django_assert_num_queries(3):
        handshake_reads.look_up(asked[:1])
    with django_assert_num_queries(3):
        *found, refused = handshake_reads.look_up(asked)
    assert [answer.identity.user_id for answer in found if isinstance(answer, Handshake)] == [p.pk for p in people]
    assert [answer.subscriptions for answer in found if isinstance(answer, Handshake)] == [
        subscriptions_of(person.pk) for person in people
    ]
    assert isinstance(refused, Unauthorized)
    assert refused.code == "invalid_token"


def test_a_right_that_ends_while_it_is_looked_up_opens_nothing(
    token_of: Callable[[User], bytes], alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log ends it before the subscriptions: the hub will never end the stream."""
    asked = [Asked(token_of(person), None) for person in (alice, bob)]
    at_first = all_subscriptions_of

    def ban_first(askers: Any) -> list[Subscriptions]:
        ban_user(alice)
        sequence()
        return at_first(askers)

    monkeypatch.setattr(handshake_reads, "all_subscriptions_of", ban_first)
    banned, other = handshake_reads.look_up(asked)
    assert isinstance(banned, Unauthorized)
    assert isinstance(other, Handshake)
    assert other.identity.user_id == bob.pk


def test_a_right_that_ended_since_it_was_found_good_opens_nothing(alice: User, bob: User) -> None:
    before = log.position()
    log.revoke(alice.pk, "logged_out", credential="session:x")
    sequence()
    asked = [
        Asked(Admission(Identity(user, credential, None), position), None)
        for user, credential, position in (
            (alice, "session:x", before),
            (alice, "session:y", before),
            (alice, "session:x", log.position()),
            (bob, "session:x", before),
        )
    ]
    assert [isinstance(answer, Handshake) for answer in handshake_reads.look_up(asked)] == [False, True, True, True]


def test_a_service_key_that_ended_since_it_was_found_good_opens_nothing_for_a_person(alice: User, bob: User) -> None:
    before = log.position()
    log.revoke(bob.pk, "logged_out", credential="key:1")
    sequence()
    keys = ((bob.pk, "key:1"), (bob.pk, "key:2"), (alice.pk, "key:1"))
    asked = [
        Asked(Admission(Identity(alice, credential, None, service_id), before), None) for service_id, credential in keys
    ]
    assert [isinstance(answer, Handshake) for answer in handshake_reads.look_up(asked)] == [False, True, True]
    log.revoke(alice.pk, "logged_out", credential="key:")
    sequence()
    asked.append(Asked(Admission(Identity(alice, "token:1", None), before), None))
    assert [isinstance(answer, Handshake) for answer in handshake_reads.look_up(asked)] == [False] * 3 + [True]


# What they missed, from memory that is filled from the log


class FakeLog:
    """The log, and a thread that reads it. Notes what was read."""

    def __init__(self, *rows: Row) -> None:
        self.rows = list(rows)
        self.spans: list[tuple[int, int]] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def read_after(self, position: int, limit: int) -> list[Row]:
        return [known for known in self.rows if known.position > position][:limit]

    async def run(self, call: Any, *arguments: Any) -> Any:
        if call is handshake_reads.read_between:
            first, last = arguments
            self.spans.append((first, last))
            found = [known for known in self.rows if first < known.position <= last]
            self.meanwhile()
            return found
        (asked,) = arguments
        subscriptions = Subscriptions(self.rows[-1].position, {"room:1": 0})
        return [Handshake(ask.who.identity, subscriptions) for ask in asked]


def ask_all(opened: Handshakes, *lasts: int) -> Any:
    found = [Handshake(Identity(User(pk=n), "token:1", None), Subscriptions(0, {})) for n in range(len(lasts))]
    calls = (opened.look_up_again(who, last) for who, last in zip(found, lasts, strict=True))
    return asyncio.wait_for(asyncio.gather(*calls), LIMIT)


def test_what_a_fresh_process_lacks_is_read_once_for_all_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        fake = FakeLog(*map(row, range(1, 31)))
        hub = Hub(fake.read_after)
        hub.position = 30
        opened = Handshakes(hub, fake.run)
        found = await ask_all(opened, 25, 8, 20, 30, 30 - MAX_RECENT_ROWS)
        # No further back than anybody needs, and in parts.
        assert fake.spans == [(20, 30), (10, 20), (8, 10)]
        for who, last in zip(found[:4], (25, 8, 20, 30), strict=True):
            assert ids_in(who.replay.missed(who.subscriptions, last, API)) == list(range(last + 1, 31))
        assert found[4].replay is None
        await ask_all(opened, 9)
        assert len(fake.spans) == 3

    monkeypatch.setattr(handshake, "READ_BACK_ROWS", 10)
    run(main())


def test_what_was_read_from_a_history_that_got_lost_meanwhile_is_not_kept() -> None:
    async def main() -> None:
        fake = FakeLog(*map(row, range(1, 31)))
        hub = Hub(fake.read_after)
        hub.position = 30
        fake.meanwhile = lambda: hub._start_over(30)
        (found,) = await ask_all(Handshakes(hub, fake.run), 20)
        assert found.replay is None
        assert hub.recent.first is None

    run(main())


def test_a_stream_that_saw_the_log_ahead_of_the_hub_waits_for_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        fake = FakeLog(*map(row, range(1, 29)))
        hub = Hub(fake.read_after)
        keeping_up = asyncio.create_task(hub.keep_up())
        while hub.position < 28:
            await asyncio.sleep(0)
        # No broadcast brings these, and no poll: the hub has to be told to look.
        fake.rows += [row(29), row(30)]
        (found,) = await ask_all(Handshakes(hub, fake.run), 20)
        assert hub.position == 30
        assert ids_in(found.replay.missed(found.subscriptions, 20, API)) == list(range(21, 31))
        keeping_up.cancel()

    monkeypatch.setattr(hub_module, "HUB_POLL_SECONDS", 3_600)
    # Who waits is told when the hub is there: this time never runs out.
    monkeypatch.setattr(hub_module, "REACH_SECONDS", 3_600)
    run(main())


def test_a_hub_that_does_not_come_so_far_is_not_waited_for_without_end() -> None:
    async def main() -> None:
        fake = FakeLog(*map(row, range(1, 31)))
        hub = Hub(fake.read_after)
        hub.position = 28
        (found,) = await ask_all(Handshakes(hub, fake.run), 20)
        assert found.replay is None
        assert not hub._waiters._waiting

    run(main())


def test_after_a_restart_many_are_served_from_one_reading(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, *others = service.people(21)
    # This database is a copy: its positions jump with the first event.
    stream = alice.listen()
    alice.send_text("seen")
    start = stream.wait("message.created").id
    texts = [f"missed {number}" for number in range(50)]
    for text in texts[:45]:
        alice.send_text(text)
    secret = alice.make_room(others[0])
    alice.send_text("for one alone", secret)
    for text in texts[45:]:
        alice.send_text(text)
    service.terminate()
    assert service.process is not None
    service.process.wait(60)
    service.start()
    streams = [person.listen(last_event_id=start) for person in others]
    marker = alice.send_text("live")
    for number, stream in enumerate(streams):
        stream.wait("message.created", lambda data: data["data"]["id"] == marker["id"])
        mine = [*texts[:45], *(["for one alone"] if number == 0 else []), *texts[45:], "live"]
        assert stream.texts() == mine
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    resumes = {line for line in lines if line.startswith("chat_resumes_total{")}
    assert resumes == {'chat_resumes_total{source="memory"} 20.0', 'chat_resumes_total{source="log"} 0.0'}


def test_the_body_of_a_revocation_names_its_credential() -> None:
    assert credential_of(msgspec.json.encode({"credential": None}).decode()) is None
    assert credential_of(msgspec.json.encode({"credential": "token:1"}).decode()) == "token:1"
