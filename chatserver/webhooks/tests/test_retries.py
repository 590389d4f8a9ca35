"""What counts as a failure, when it is tried again, and what happens in the end."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from chatserver.storage.outbound.client import OutboundClient
from chatserver.tests.harness.receiver import Receiver, answers
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks import schedule
from chatserver.webhooks.models import Delivery, Endpoint, Lane, State
from chatserver.webhooks.schedule import MAX_DELIVERY_ATTEMPTS, MAX_RETRY_AFTER_SECONDS, delay_after

Add = Callable[..., Endpoint]
Happen = Callable[..., int]
HOUR = 3600


@pytest.fixture
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "JITTER", 0)


def test_the_schedule(no_jitter: None) -> None:
    delays = [delay_after(attempts) for attempts in range(1, 11)]
    hours = [2, 5, 10, 14, 20, 24]
    assert delays == [5, 300, 1800, *(hour * HOUR for hour in hours), None]


def test_delays_are_spread() -> None:
    delays = {delay_after(1) for _ in range(50)}
    assert len(delays) > 10
    assert all(4.5 <= delay <= 5.5 for delay in delays if delay is not None)


def in_an_hour() -> str:
    return format_datetime(timezone.now() + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        ("0", 5),
        ("-1", 5),
        ("1e9", 5),
        ("nonsense", 5),
        ("Thu, 01 Jan 1970 00:00:00 -0000", 5),
        ("Thu, 01 Jan 99999999999 00:00:00 GMT", 5),
        ("Thu, 01 Jan 2026 00:00:00 +99999999999999", 5),
        ("9" * 400, MAX_RETRY_AFTER_SECONDS),
        ("in an hour", HOUR),
    ],
)
def test_retry_after_lengthens_a_delay_within_a_limit(no_jitter: None, retry_after: str, seconds: float) -> None:
    header = in_an_hour() if retry_after == "in an hour" else retry_after
    assert delay_after(1, header) == pytest.approx(seconds, abs=30 if seconds == HOUR else 0)


def test_these_answers_are_tried_again(
    work: Work, add: Add, receive: Callable[..., Receiver], happen: Happen, no_jitter: None
) -> None:
    statuses = {}
    for status in (301, 304, 400, 404, 429, 500, 503):
        behave = answers(status, b"" if status == 304 else b"what went wrong", Retry_After="50")
        statuses[add(receive(behave)).pk] = status
    happen(1)
    work.settle()
    for lane in Lane.objects.all():
        delivery = Delivery.objects.get(endpoint=lane.endpoint_id)
        status = statuses.pop(lane.endpoint_id)
        assert (delivery.state, delivery.attempts, delivery.status) == (State.WAITING, 1, status)
        assert delivery.answer == ("" if status == 304 else "what went wrong")
        assert 30 < (lane.due_at - timezone.now()).total_seconds() <= 50
        assert delivery.next_attempt_at is not None
        assert abs((delivery.next_attempt_at - lane.due_at).total_seconds()) < 1
    assert statuses == {}


def test_these_answers_are_success(work: Work, add: Add, receive: Callable[..., Receiver], happen: Happen) -> None:
    for status in (200, 201, 204, 299):
        add(receive(answers(status)))
    happen(1)
    work.settle()
    assert list(Delivery.objects.values_list("state", flat=True)) == [State.DELIVERED] * 4


def test_after_the_last_attempt_a_delivery_has_failed_and_its_room_goes_on(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    receiver.behave(lambda handler, received: handler.answer(204 if received.event["data"]["number"] == 2 else 500))
    endpoint = add(receiver)
    position = happen(1)
    happen(2)
    for _ in range(MAX_DELIVERY_ATTEMPTS):
        work.settle()
        work.make_due()
    assert [received.event["data"]["number"] for received in receiver.received] == [1] * 10 + [2]
    ids = {received.headers["webhook-id"] for received in receiver.received[:10]}
    assert ids == {f"evt_{position}_{endpoint.pk}"}
    first, second = Delivery.objects.order_by("pk")
    assert (first.state, first.attempts, first.next_attempt_at) == (State.FAILED, 10, None)
    assert (second.state, second.attempts) == (State.DELIVERED, 1)


def test_gone_disables_the_endpoint(work: Work, add: Add, receiver: Receiver, happen: Happen) -> None:
    receiver.behave(answers(410))
    endpoint = add(receiver)
    happen(1, 2)
    work.settle()
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert endpoint.disabled_at is not None
    assert "410" in endpoint.disabled_reason
    assert len(receiver.received) == 1
    first, second = Delivery.objects.order_by("pk")
    assert (first.state, second.state) == (State.FAILED, State.WAITING)


def test_an_unexpected_error_is_an_attempt_that_failed(
    add: Add, happen: Happen, work: Work, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not counted would be made for ever, with all later events of the room behind it."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug of a library")

    monkeypatch.setattr(OutboundClient, "exchange", broken)
    add(receiver)
    happen(1)
    work.settle()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error) == (State.WAITING, 1, "error: RuntimeError")
    assert delivery.next_attempt_at is not None
