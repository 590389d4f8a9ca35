"""Events become deliveries: to whom, of what, with which body."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chatserver.events import log
from chatserver.events.models import Event
from chatserver.events.reader import Reader
from chatserver.events.reader_thread import ReaderThread
from chatserver.events.redaction import redact
from chatserver.events.rows import event_json
from chatserver.events.sequencer import sequence
from chatserver.events.topics import room_topic
from chatserver.tests.harness.receiver import Receiver
from chatserver.tests.harness.trimming import trim
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks import actions, housekeeping
from chatserver.webhooks.fan_out import fan_out, fan_out_reader
from chatserver.webhooks.models import Delivery, Endpoint, Lane, State
from users.models import User

Add = Callable[..., Endpoint]
Happen = Callable[..., int]


def numbers(receiver: Receiver) -> list[int]:
    return [event["data"]["number"] for event in receiver.events]


def test_an_event_is_posted_as_the_stream_tells_it(work: Work, add: Add, receiver: Receiver, happen: Happen) -> None:
    endpoint = add(receiver)
    position = happen(7)
    work.settle()
    (received,) = receiver.received
    assert received.body.decode() == event_json(log.after(position - 1, 1)[0])
    assert received.event["position"] == position
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == f"evt_{position}_{endpoint.pk}"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.status) == (State.DELIVERED, 1, 204)
    assert not Lane.objects.exists()


def test_an_endpoint_gets_what_happens_before_a_worker_has_ever_run(add: Add, happen: Happen) -> None:
    add("https://shop.example/")
    position = happen(7)
    reader = fan_out_reader(lambda: None, lambda: True)
    assert reader.has_work() and reader.work()
    assert Delivery.objects.get().position == position


def test_an_endpoint_gets_the_types_and_rooms_that_it_asked_for(
    work: Work, add: Add, receive: Callable[..., Receiver], happen: Happen
) -> None:
    all_of_them, one_type, one_room, other = receive(), receive(), receive(), receive()
    add(all_of_them, types=["*"])
    add(one_type, types=["test.ended"])
    add(one_room, types=["test.*", "test.happened"], rooms=[4, 99])
    add(other, types=["message.*"])
    happen(1, room=3)
    happen(2, room=4)
    happen(3, room=4, event_type="test.ended")
    work.settle()
    assert sorted(numbers(all_of_them)) == [1, 2, 3]
    assert numbers(one_type) == [3]
    assert numbers(one_room) == [2, 3]
    assert numbers(other) == []


def test_rows_of_the_log_that_are_no_events_are_not_delivered(
    work: Work, add: Add, receiver: Receiver, happen: Happen, shop: User
) -> None:
    add(receiver, types=["*"])
    log.subscribe(room_topic(3), [shop.pk])
    log.revoke(shop.pk, "banned", credential="token:1")
    happen(1)
    work.settle()
    assert numbers(receiver) == [1]


def test_what_happened_before_an_endpoint_was_there_is_not_delivered(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    happen(1)
    add(receiver)
    happen(2)
    work.settle()
    assert numbers(receiver) == [2]


def test_without_endpoints_a_batch_costs_one_query(work: Work, happen: Happen) -> None:
    happen(*range(50))
    rows = log.after(0, 1_000)
    with CaptureQueriesContext(connection) as queries:
        assert fan_out(rows) == 0
    assert len(queries) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_service": False}])
def test_who_is_no_service_any_more_gets_nothing(
    work: Work, add: Add, receiver: Receiver, happen: Happen, shop: User, change: dict[str, Any]
) -> None:
    add(receiver)
    happen(1)
    work.fan_out()
    User.objects.filter(pk=shop.pk).update(**change)
    happen(2)
    work.settle()
    assert numbers(receiver) == []


def test_a_disabled_endpoint_gets_what_waited_and_what_happens_after_it_is_enabled(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    endpoint = add(receiver)
    happen(1)
    work.fan_out()
    actions.change_endpoint(endpoint, {"is_enabled": False})
    happen(2)
    work.settle()
    assert numbers(receiver) == []
    actions.change_endpoint(endpoint, {"is_enabled": True})
    happen(3)
    work.settle()
    assert numbers(receiver) == [1, 3]


def test_what_was_taken_back_before_it_was_sent_is_not_sent(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    add(receiver)
    log.emit(room_topic(3), "test.happened", {"text": "secret"}, room_id=3, message_id=77)
    while sequence():
        pass
    work.fan_out()
    redact(77, {"text": None})
    work.settle()
    assert [event["data"] for event in receiver.events] == [{"text": None}]


def test_a_delivery_whose_event_left_the_log_has_failed(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    add(receiver)
    happen(1, 2)
    work.fan_out()
    Event.objects.filter(pk=log.position() - 1).delete()
    work.settle()
    assert numbers(receiver) == [2]
    delivery = Delivery.objects.earliest("pk")
    assert (delivery.state, delivery.attempts, delivery.error) == (State.FAILED, 0, housekeeping.NO_LONGER_IN_LOG)


def test_no_body_is_stored(work: Work, add: Add, receiver: Receiver, happen: Happen) -> None:
    receiver.behave(lambda handler, received: handler.answer(500))
    add(receiver)
    log.emit(room_topic(3), "test.happened", {"text": "a-rare-word"}, room_id=3)
    while sequence():
        pass
    work.settle()
    assert len(receiver.received) == 1
    with connection.cursor() as cursor:
        for table in ("webhooks_delivery", "webhooks_lane", "webhooks_endpoint"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%a-rare-word%'")
            assert cursor.fetchone() == (0,)


def test_old_deliveries_and_deleted_endpoints_are_deleted_in_parts(
    work: Work, add: Add, receiver: Receiver, happen: Happen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "CLEANED_AT_ONCE", 2)
    endpoint = add(receiver)
    happen(1, 2, 3)
    work.fan_out()
    Event.objects.update(at="2020-01-01T00:00:00Z")
    trim()
    for _ in range(2):
        housekeeping.clean_up()
    assert set(Delivery.objects.values_list("state", "error")) == {(State.FAILED, housekeeping.NO_LONGER_IN_LOG)}
    Delivery.objects.update(attempted_at="2020-01-01T00:00:00Z")
    housekeeping.clean_up()
    assert Delivery.objects.count() == 1
    housekeeping.clean_up()
    assert not Delivery.objects.exists()
    happen(4)
    work.fan_out()
    actions.delete_endpoint(endpoint)
    work.settle()
    for _ in range(4):
        housekeeping.clean_up()
    assert not Endpoint.objects.exists()
    assert not Lane.objects.exists()
    assert receiver.received == []


def test_events_are_read_at_once_where_there_is_an_endpoint_and_else_now_and_then(
    work: Work, add: Add, receiver: Receiver
) -> None:
    reader = fan_out_reader(lambda: None, lambda: work.dispatcher.has_endpoints)
    work.dispatcher.work()
    assert not reader.is_urgent()
    endpoint = add(receiver)
    work.dispatcher.work()
    assert reader.is_urgent()
    actions.disable_endpoint(endpoint.pk, "of a test")
    work.dispatcher.work()
    assert not reader.is_urgent()


def test_a_reader_without_hurry_is_not_woken() -> None:
    is_urgent = False
    thread = ReaderThread(Reader("calm", lambda rows: None, is_urgent=lambda: is_urgent))
    thread.wake_up()
    assert not thread._wake.is_set()
    is_urgent = True
    thread.wake_up()
    assert thread._wake.is_set()
