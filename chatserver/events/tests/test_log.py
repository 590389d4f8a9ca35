"""The log in one process: emit, sequence, subscribe, read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, OperationalError, transaction

from chatserver.events import log
from chatserver.events.entitled_rows import entitled_after
from chatserver.events.models import Head, Outbox
from chatserver.events.revocations import Claim, were_revoked
from chatserver.events.rows import event_json
from chatserver.events.sequencer import SEQUENCE_BATCH, has_work, sequence, wake
from chatserver.events.subscriptions import subscriptions_of

TOPIC = "test:1"


@pytest.fixture(autouse=True)
def quiet(db: Any) -> None:
    """Nothing waits when a test begins."""
    while sequence():
        pass


def emit(count: int = 1, topic: str = TOPIC) -> None:
    for number in range(count):
        log.emit(topic, "test.happened", {"number": number}, actor_id=7, room_id=3)


def numbers(rows: Any) -> list[int]:
    return [msgspec.json.decode(row.body)["number"] for row in rows]


def test_an_event_waits_until_it_is_sequenced() -> None:
    before = log.position()
    emit()
    assert has_work()
    assert log.position() == before
    assert log.after(before, 10) == []
    (row,) = sequence() or []
    assert (row.position, row.topic, row.type, row.actor_id, row.room_id) == (before + 1, TOPIC, "test.happened", 7, 3)
    assert row.is_event
    assert log.position() == before + 1
    assert log.after(before, 10) == [row]
    assert not has_work()
    assert sequence() == []


def test_positions_have_no_gaps_and_keep_the_order() -> None:
    before = log.position()
    emit(5)
    Outbox.objects.filter(body__contains='"number":2').delete()
    rows = sequence()
    assert rows is not None
    assert [row.position for row in rows] == list(range(before + 1, before + 5))
    assert numbers(rows) == [0, 1, 3, 4]


def test_a_batch_is_bounded_and_the_rest_stays() -> None:
    before = log.position()
    emit(5)
    assert numbers(sequence(2)) == [0, 1]
    assert Outbox.objects.count() == 3
    assert numbers(sequence(2)) == [2, 3]
    assert numbers(sequence(2)) == [4]
    assert numbers(log.after(before, 3)) == [0, 1, 2]
    assert numbers(log.after(before + 3, 100)) == [3, 4]


def test_a_process_without_a_sequencer_does_the_work_itself() -> None:
    before = log.position()
    emit(SEQUENCE_BATCH + 1)
    wake()
    assert log.position() == before + SEQUENCE_BATCH + 1
    assert not has_work()


def test_what_is_rolled_back_never_was() -> None:
    before = log.position()
    with pytest.raises(RuntimeError), transaction.atomic():
        emit()
        raise RuntimeError
    assert sequence() == []
    assert log.position() == before


def test_the_sequencer_is_woken_after_the_commit_and_not_before(django_capture_on_commit_callbacks: Any) -> None:
    before = log.position()
    with django_capture_on_commit_callbacks(execute=True):
        emit()
        assert log.position() == before
    assert log.position() == before + 1


def test_subscriptions_are_of_the_position_at_which_they_were_read() -> None:
    log.subscribe(TOPIC, [5])
    emit()
    sequence()
    subscriptions = subscriptions_of(5)
    emit()
    sequence()
    assert len(entitled_after(subscriptions, 0, 10)) == 1
    assert subscriptions_of(5, subscriptions.position + 1).reset_reason is None
    assert subscriptions_of(5, subscriptions.position + 2).reset_reason == "future"


def test_a_revocation_names_one_credential_or_all() -> None:
    first = log.position()
    log.revoke(5, "logged_out", credential="token:1")
    sequence()
    second = log.position()
    mine, another, somebody = ((5, "token:1"), (5, "token:2"), (6, "token:1"))

    def ended(position: int, last: int, *rights: tuple[int, str]) -> list[bool]:
        return were_revoked([Claim(*right, position) for right in rights], last)

    assert ended(first, second, mine, another, somebody) == [True, False, False]
    assert ended(second, second, mine) == [False]
    log.revoke(5, "banned")
    sequence()
    third = log.position()
    assert ended(second, third, mine, another, somebody) == [True, True, False]
    # Each from where it was good, together or not.
    claims = [Claim(*mine, first), Claim(*mine, third), Claim(*another, second)]
    assert were_revoked(claims, third) == [True, False, True]


def test_an_event_is_one_line_of_json_with_the_contracts_keys() -> None:
    log.emit(TOPIC, "test.happened", {"text": "a\nb\u2028"}, actor_id=None, room_id=0)
    (row,) = sequence() or []
    text = event_json(row)
    assert "\n" not in text
    event = msgspec.json.decode(text)
    assert list(event) == ["position", "type", "room_id", "actor_id", "at", "data"]
    assert (event["room_id"], event["actor_id"], event["data"]) == (0, None, {"text": "a\nb\u2028"})
    assert datetime.strptime(event["at"], "%Y-%m-%dT%H:%M:%SZ")


def test_there_is_one_head() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Head.objects.create(id=2)


@pytest.mark.parametrize(
    "read",
    [log.position, lambda: log.after(2**40, 10), lambda: subscriptions_of(7, 1)],
    ids=["end", "rows", "rights"],
)
def test_without_a_head_the_database_is_not_ready(read: Callable[[], object]) -> None:
    """So it is while a backup is restored into a running server: everything waits, as for one that is away."""
    Head.objects.all().delete()
    with pytest.raises(OperationalError, match="no head"):
        read()
