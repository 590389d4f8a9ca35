"""Who hears a topic is part of the log: a subscription counts from its own position on."""

from typing import Any

import pytest

from chatserver.events import log
from chatserver.events.entitled_rows import entitled_after
from chatserver.events.models import Kind, Subscription
from chatserver.events.sequencer import sequence
from chatserver.events.subscriptions import subscriptions_of
from chatserver.events.topics import EVERYONE

TOPIC = "test:1"


@pytest.fixture(autouse=True)
def quiet(db: Any) -> None:
    """Nothing waits when a test begins."""
    while sequence():
        pass


def emit(topic: str = TOPIC) -> None:
    log.emit(topic, "test.happened", {})


def test_a_subscription_counts_from_its_own_position() -> None:
    emit()
    log.subscribe(TOPIC, [5])
    emit()
    rows = sequence()
    assert rows is not None
    assert [row.kind for row in rows] == [Kind.EVENT, Kind.SUBSCRIBE, Kind.EVENT]
    since = Subscription.objects.get(user_id=5, topic=TOPIC).since
    assert since == rows[1].position
    assert [row.position for row in entitled_after(subscriptions_of(5), 0, 10)] == [rows[2].position]


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


def test_a_member_who_comes_back_does_not_get_what_was_sent_meanwhile() -> None:
    log.subscribe(TOPIC, [5])
    emit()
    log.unsubscribe(TOPIC, [5])
    emit()
    log.subscribe(TOPIC, [5])
    rows = sequence()
    assert rows is not None
    assert entitled_after(subscriptions_of(5), 0, 10) == []
    assert subscriptions_of(5).since[TOPIC] == rows[-1].position


def test_who_hears_a_topic_from_a_seq_on_gets_nothing_about_a_lower_one() -> None:
    before = log.position()
    log.subscribe(TOPIC, [5])
    log.subscribe(TOPIC, [6], visible_from_seq=8)
    for about_seq in (None, 7, 8):
        log.emit(TOPIC, "test.happened", {}, about_seq=about_seq)
    *_, new, older, own = sequence() or []
    assert subscriptions_of(5, before).visible_from == {}
    assert [row.position for row in entitled_after(subscriptions_of(5), before, 10)] == [
        row.position for row in (new, older, own)
    ]
    assert subscriptions_of(6, before).visible_from == {TOPIC: 8}
    assert entitled_after(subscriptions_of(6), before, 10) == [new, own]
    # Who comes back begins anew.
    log.unsubscribe(TOPIC, [6])
    log.subscribe(TOPIC, [6])
    sequence()
    assert subscriptions_of(6).visible_from == {}


def test_every_user_hears_their_own_topic() -> None:
    before = log.position()
    emit(topic="user:5")
    emit(topic="user:6")
    sequence()
    assert [row.topic for row in entitled_after(subscriptions_of(5), before, 10)] == ["user:5"]


def test_control_rows_reach_no_client() -> None:
    log.subscribe("user:5", [5])
    log.revoke(5, "logged_out")
    before = log.position()
    sequence()
    assert entitled_after(subscriptions_of(5), before, 10) == []
    assert len(log.after(before, 10)) == 2


def test_who_shares_a_small_topic_is_found_and_a_crowd_is_not() -> None:
    log.subscribe(TOPIC, [5, 6])
    log.subscribe("test:2", [5, 7, 8])
    log.subscribe("test:3", [9])
    log.subscribe(EVERYONE, [5, 10])
    sequence()
    assert log.sharing_a_small_topic(5, 2) == {5, 6}
    assert log.sharing_a_small_topic(5, 3) == {5, 6, 7, 8}
    assert log.sharing_a_small_topic(10, 3) == set()


def test_a_topic_is_small_up_to_its_limit() -> None:
    log.subscribe(TOPIC, [5, 6])
    log.subscribe("test:2", [5, 6, 7])
    log.subscribe(EVERYONE, [5])
    sequence()
    assert log.small_topics_of([5, 8], 2) == {5: [TOPIC], 8: []}
    assert sorted(log.small_topics_of([5], 3)[5]) == [TOPIC, "test:2"]
