"""Several workers share the work, and one takes over what another one that died has left."""

from collections.abc import Callable
from typing import Any

from chatserver.tests.harness.receiver import Receiver
from chatserver.tests.harness.waiting import wait_for
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks.claims import Job, Outcome, Release, write_back
from chatserver.webhooks.dispatcher import Dispatcher
from chatserver.webhooks.models import Delivery, Endpoint, Lane, State, Worker

Add = Callable[..., Endpoint]
Happen = Callable[..., int]


def work_until(dispatcher: Dispatcher, is_done: Callable[[], Any]) -> None:
    def work() -> bool:
        dispatcher.work()
        return bool(is_done())

    wait_for(work)


def test_a_lane_has_one_worker_at_a_time(work: Work, add: Add, receiver: Receiver, happen: Happen) -> None:
    receiver.behave(receiver.hang)
    add(receiver)
    happen(1, 2)
    work.until(lambda: len(receiver.received) == 1)
    other = work.another()
    for _ in range(3):
        other.work()
    assert len(receiver.received) == 1
    assert Lane.objects.get().worker_id == work.dispatcher._lease.worker_id


def test_the_work_of_one_that_died_is_taken_over_and_what_it_writes_later_does_not_count(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    receiver.behave(receiver.hang)
    add(receiver)
    happen(1, 2)
    work.until(lambda: len(receiver.received) == 1)
    dead = work.dispatcher
    Worker.objects.update(seen_at="2020-01-01T00:00:00Z")
    receiver.behave(lambda handler, received: handler.answer(204))
    other = work.another()
    work_until(other, lambda: Delivery.objects.filter(state=State.DELIVERED).count() == 2)
    assert [event["data"]["number"] for event in receiver.events] == [1, 1, 2]
    before = list(Delivery.objects.values())
    dead._lease._renewed_at = 0
    dead._freed_at = 0
    receiver.released.set()
    work_until(dead, lambda: not dead._held)
    assert list(Delivery.objects.values()) == before
    assert dead._lease.worker_id is None
    happen(3)
    work.settle()
    assert receiver.events[-1]["data"]["number"] == 3


def test_what_a_worker_writes_about_a_lane_that_it_lost_changes_nothing(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    receiver.behave(receiver.hang)
    add(receiver)
    happen(1)
    work.until(lambda: len(receiver.received) == 1)
    lane, delivery = Lane.objects.get(), Delivery.objects.get()
    outcome = Outcome(
        lane.pk, Job(delivery.pk, delivery.position, 0, b"", 0), State.DELIVERED, 1, 204, "", "", 0.1, 0.0, None
    )
    before = list(Delivery.objects.values()), list(Lane.objects.values())
    assert lane.worker_id is not None
    write_back(lane.worker_id + 1, [outcome], [Release(lane.pk, 0.0)])
    assert (list(Delivery.objects.values()), list(Lane.objects.values())) == before
    write_back(lane.worker_id, [outcome], [Release(lane.pk, 0.0)])
    assert Delivery.objects.get().state == State.DELIVERED
    assert not Lane.objects.exists()


def test_a_worker_that_is_not_sure_of_its_lease_sends_nothing(
    work: Work, add: Add, receiver: Receiver, happen: Happen, monkeypatch: Any
) -> None:
    add(receiver)
    happen(1)
    monkeypatch.setattr("chatserver.webhooks.worker_lease.SURE_SECONDS", -1)
    work.fan_out()
    for _ in range(3):
        work.dispatcher.work()
    wait_for(lambda: work.dispatcher._reports)
    assert receiver.received == []
    assert Delivery.objects.get().attempts == 0
