"""The log in one process: emit, sequence, subscribe, read, trim."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, transaction

from chatserver.events import log
from chatserver.events.models import Event, Head, Kind, Outbox, Subscription
from chatserver.events.rows import event_json
from chatserver.events.sequencer import BATCH, has_work, sequence, trim, wake

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
    emit(BATCH + 1)
    wake()
    assert log.position() == before + BATCH + 1
    assert not has_work()


def test_what_is_rolled_back_never_was() -> None:
    before = log.position()
    with pytest.raises(RuntimeError), transaction.atomic():
        emit()
        raise RuntimeError
    assert sequence() == []
    assert log.position() == before


def test_the_caller_is_woken_after_his_commit_and_not_before(django_capture_on_commit_callbacks: Any) -> None:
    before = log.position()
    with django_capture_on_commit_callbacks(execute=True):
        emit()
        assert log.position() == before
    assert log.position() == before + 1


def test_a_subscription_counts_from_its_own_position() -> None:
    emit()
    log.subscribe(TOPIC, [5])
    emit()
    rows = sequence()
    assert rows is not None
    assert [row.kind for row in rows] == [Kind.EVENT, Kind.SUBSCRIBE, Kind.EVENT]
    since = Subscription.objects.get(user_id=5, topic=TOPIC).since
    assert since == rows[1].position
    assert [row.position for row in log.entitled_after(log.standing_of(5), 0, 10)] == [rows[2].position]


def test_the_last_word_about_a_subscription_decides() -> None:
    log.subscribe(TOPIC, [5, 6])
    log.unsubscribe(TOPIC, [5, 6])
    log.subscribe(TOPIC, [6])
    rows = sequence()
    assert rows is not None
    assert list(Subscription.objects.filter(topic=TOPIC).values_list("user_id", "since")) == [(6, rows[2].position)]
    log.unsubscribe(TOPIC, [6])
    sequence()
    assert not Subscription.objects.filter(topic=TOPIC).exists()


def test_who_comes_back_does_not_hear_what_was_said_meanwhile() -> None:
    log.subscribe(TOPIC, [5])
    emit()
    log.unsubscribe(TOPIC, [5])
    emit()
    log.subscribe(TOPIC, [5])
    rows = sequence()
    assert rows is not None
    assert log.entitled_after(log.standing_of(5), 0, 10) == []
    assert log.standing_of(5).since[TOPIC] == rows[-1].position


def test_everybody_hears_what_is_addressed_to_himself() -> None:
    before = log.position()
    emit(topic="user:5")
    emit(topic="user:6")
    sequence()
    assert [row.topic for row in log.entitled_after(log.standing_of(5), before, 10)] == ["user:5"]


def test_control_rows_reach_no_client() -> None:
    log.subscribe("user:5", [5])
    log.revoke(5, "logged_out")
    before = log.position()
    sequence()
    assert log.entitled_after(log.standing_of(5), before, 10) == []
    assert len(log.after(before, 10)) == 2


def test_a_standing_ends_where_it_was_taken() -> None:
    log.subscribe(TOPIC, [5])
    emit()
    sequence()
    standing = log.standing_of(5)
    emit()
    sequence()
    assert len(log.entitled_after(standing, 0, 10)) == 1
    assert standing.reset_reason(standing.position) is None
    assert standing.reset_reason(standing.position + 1) == "future"


def test_a_revocation_names_one_credential_or_all() -> None:
    first = log.position()
    log.revoke(5, "logged_out", credential="token:1")
    sequence()
    second = log.position()
    assert log.was_revoked(5, "token:1", first, second)
    assert not log.was_revoked(5, "token:2", first, second)
    assert not log.was_revoked(6, "token:1", first, second)
    assert not log.was_revoked(5, "token:1", second, second)
    log.revoke(5, "banned")
    sequence()
    assert log.was_revoked(5, "token:2", second, log.position())


def test_who_shares_a_topic_is_known() -> None:
    log.subscribe(TOPIC, [5, 6])
    log.subscribe("test:2", [7])
    sequence()
    assert log.sharing_a_topic(5, [6, 7]) == {6}
    assert log.sharing_a_topic(8, [5, 6, 7]) == set()
    assert log.sharing_a_topic(5, []) == set()


def test_a_topic_is_small_up_to_its_limit() -> None:
    log.subscribe(TOPIC, [5, 6])
    log.subscribe("test:2", [5, 6, 7])
    sequence()
    assert log.small_topics_of([5, 8], 2) == {5: [TOPIC], 8: []}
    assert sorted(log.small_topics_of([5], 3)[5]) == [TOPIC, "test:2"]


def test_only_what_is_old_is_trimmed_and_the_head_remembers() -> None:
    before = log.position()
    emit(4)
    sequence()
    old = Event.objects.filter(position__lte=before + 2)
    gone = old.count()
    old.update(at=datetime.now(UTC) - timedelta(days=15))
    assert trim(days=16) == 0
    assert trim(days=14) == gone
    assert [row.position for row in log.after(0, 10)] == [before + 3, before + 4]
    assert Head.objects.get().trimmed == before + 2
    assert trim(days=14) == 0
    standing = log.standing_of(5)
    assert standing.reset_reason(before + 1) == "trimmed"
    assert standing.reset_reason(before + 2) is None
    assert log.position() == before + 4


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
        Head.objects.create(id=2, position=0)
