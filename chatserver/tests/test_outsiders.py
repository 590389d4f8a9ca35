"""Every operation of the schema gives outsiders what it declares (`x-outsiders`), tells them nothing, changes nothing.

The requests are made from the schema, with ids of things that are somebody else's. See docs/isolation.md.
"""

import re
from collections.abc import Iterator
from itertools import chain, product
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chats.stream import handshake_reads
from chats.stream.dialects import API
from chatserver.errors import ChatError
from chatserver.events import log
from chatserver.events.subscriptions import subscriptions_of
from chatserver.http.caller import permit
from chatserver.http.outsiders import ALL, OWN
from chatserver.tests.harness.outsiders import (
    MARK,
    NOBODYS,
    PASSWORD,
    Sent,
    Theirs,
    bearer,
    keep_apart,
    outsiders,
    queries_of,
    requests_of,
    rows,
)
from chatserver.tests.test_schema_operations import OPERATIONS, Operation, each_operation
from conftest import CheckedClient
from rooms.actions.rooms import create_room
from rooms.models import Kind, Room
from users.actions.credentials import issue_token
from users.actions.people import create_user
from users.credentials.request import credentials_in

STREAM = "GET /api/v1/stream"
SWEPT = [name for name in OPERATIONS if name != STREAM]


@pytest.fixture
def theirs(settings: Any, db: None, own_presence: None) -> Theirs:
    keep_apart(settings)
    return Theirs()


def ask(sent: Sent, headers: dict[str, str]) -> tuple[Any, set[tuple[str, str]]]:
    """The answer, and every row after it. What it changed is undone."""
    with transaction.atomic():
        answer = CheckedClient().generic(sent.method, sent.url, sent.body, "application/json", headers=headers)
        after = rows()
        transaction.set_rollback(True)
    return answer, after


@each_operation
def test_an_operation_declares_what_outsiders_get(name: str, operation: Operation) -> None:
    assert "x-outsiders" in operation, "declare it beside the view, see chatserver/http/outsiders.py"


@pytest.mark.parametrize("name", SWEPT)
def test_outsiders_get_what_is_declared_and_nothing_else(
    name: str, theirs: Theirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = OPERATIONS[name]
    kinds = outsiders(theirs, operation["x-scope"])
    CheckedClient().get("/api/v1/session/", headers=kinds["other_customer"])  # they are made at first sight
    before = rows()
    told: list[Any] = []
    monkeypatch.setattr(log, "emit_ephemeral", lambda *event, **_: told.append(event))
    assert set(operation["x-outsiders"]) == set(kinds)
    for kind, headers in kinds.items():
        declared, got = operation["x-outsiders"][kind], set()
        for sent in requests_of(name, operation, theirs.ids):
            answer, after = ask(sent, headers)
            if answer.status_code < 300:
                got.add(ALL if ALL in declared else OWN)
                told.clear()
            else:
                got.add(f"{answer.status_code} {answer.json()['code']}")
                assert (after, told) == (before, []), (kind, sent)
            if ALL not in declared:
                assert theirs.rows <= after, (kind, sent)
                assert MARK not in answer.content.decode(), (kind, sent)
        assert got == set(declared), kind


@pytest.mark.parametrize("name", SWEPT)
def test_those_who_may_get_it_with_the_same_requests(name: str, theirs: Theirs) -> None:
    Room.objects.update(join_requests=True)  # anybody asks for such a room, so outsiders are tried without
    secrets = {"username": theirs.alice.username, "password": PASSWORD, "current_password": PASSWORD}
    examples, with_secrets = (requests_of(name, OPERATIONS[name], theirs.ids, **known) for known in ({}, secrets))
    for variants in zip(examples, with_secrets, strict=True):
        statuses = (ask(*tried)[0].status_code for tried in product(variants, theirs.insiders()))
        assert any(status < 300 for status in statuses), variants


@pytest.mark.parametrize("name", SWEPT)
def test_what_is_somebodys_is_answered_like_what_is_nobodys_with_the_same_work(name: str, theirs: Theirs) -> None:
    operation = OPERATIONS[name]
    stranger = create_user("stranger")
    headers = bearer(issue_token(stranger)[0])

    def sent(ids: dict[str, Any], words: str) -> Iterator[Sent]:
        yield from chain(requests_of(name, operation, ids), queries_of(name, operation, ids, words))

    def answer(asked: Sent, ids: dict[str, Any]) -> tuple[int, str, int]:
        with CaptureQueriesContext(connection) as queries:
            found, _ = ask(asked, headers)
        text = re.sub(r'"request_id":"\w+"|"status":\d+', "", found.content.decode())
        assert MARK not in text, asked
        for value in ids.values():
            text = re.sub(rf"\b{value}\b", "N", text)
        return found.status_code, text, len(queries)

    own = {"room": create_room(stranger, [], name="my own", kind=Kind.CLOSED).pk}
    for more in ({}, own):
        of_somebody, of_nobody = theirs.ids | more, NOBODYS | more
        for one, other in zip(sent(of_somebody, MARK), sent(of_nobody, "nobodys"), strict=True):
            if one != other:
                assert answer(one, of_somebody) == answer(other, of_nobody), one


def test_the_stream_gives_outsiders_what_it_declares(theirs: Theirs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its handshake: chats/tests/test_streams_by_keys.py opens streams over HTTP."""
    monkeypatch.setattr(handshake_reads, "close_old_connections", lambda: None)
    operation = OPERATIONS[STREAM]
    for kind, headers in outsiders(theirs, operation["x-scope"]).items():
        scope = {"headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()]}
        try:
            admitted = handshake_reads.admit(credentials_in({**scope, "client": ("127.0.0.1", 1)}, None)).identity
            permit(admitted, API.key_need)
        except ChatError as error:
            got = f"{error.status} {error.code}"
        else:
            got = OWN
            assert theirs.room.topic not in subscriptions_of(admitted.user_id).since
        assert [got] == operation["x-outsiders"][kind], kind
