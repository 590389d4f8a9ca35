"""Order within a room, and what does not wait."""

from collections.abc import Callable

from chatserver.tests.harness.receiver import Handler, Received, Receiver
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks import actions
from chatserver.webhooks.models import Delivery, Endpoint, State

Add = Callable[..., Endpoint]
Happen = Callable[..., int]


def numbers(receiver: Receiver) -> list[int]:
    return [event["data"]["number"] for event in receiver.events]


def fails_at(*bad: int) -> Callable[[Handler, Received], None]:
    return lambda handler, received: handler.answer(500 if received.event["data"]["number"] in bad else 204)


def test_a_hundred_events_of_a_room_come_in_their_order(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    add(receiver)
    happen(*range(100))
    work.settle()
    assert numbers(receiver) == list(range(100))


def test_later_events_of_a_room_wait_for_an_earlier_one_and_other_rooms_do_not(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    receiver.behave(fails_at(2))
    add(receiver)
    happen(1, 2, 3)
    happen(10, 11, room=4)
    work.settle()
    assert sorted(numbers(receiver)) == [1, 2, 10, 11]
    happen(4)
    work.settle()
    assert 4 not in numbers(receiver)
    receiver.behave(fails_at())
    work.make_due()
    work.settle()
    assert [number for number in numbers(receiver) if number < 10] == [1, 2, 2, 3, 4]


def test_events_without_order_wait_for_none(work: Work, add: Add, receiver: Receiver, happen: Happen) -> None:
    receiver.behave(fails_at(2))
    add(receiver, is_ordered=False)
    happen(1, 2, 3)
    work.settle()
    assert sorted(numbers(receiver)) == [1, 2, 3]
    assert Delivery.objects.filter(state=State.WAITING).count() == 1


def test_other_endpoints_do_not_wait(work: Work, add: Add, receive: Callable[..., Receiver], happen: Happen) -> None:
    bad, good = receive(fails_at(1)), receive()
    add(bad)
    add(good)
    happen(1, 2)
    work.settle()
    assert numbers(bad) == [1]
    assert numbers(good) == [1, 2]


def test_a_replay_comes_at_once_beside_the_order(work: Work, add: Add, receiver: Receiver, happen: Happen) -> None:
    add(receiver)
    happen(1)
    work.settle()
    receiver.behave(fails_at(2))
    happen(2, 3)
    work.settle()
    actions.replay(Delivery.objects.earliest("pk"))
    work.settle()
    assert numbers(receiver) == [1, 2, 1]
    replayed = Delivery.objects.earliest("pk")
    assert (replayed.state, replayed.attempts) == (State.DELIVERED, 1)


def test_a_replay_that_fails_holds_up_no_room(work: Work, add: Add, receiver: Receiver, happen: Happen) -> None:
    add(receiver)
    happen(1)
    work.settle()
    receiver.behave(fails_at(1))
    actions.replay(Delivery.objects.get())
    happen(2)
    work.settle()
    assert sorted(numbers(receiver)) == [1, 1, 2]


def test_a_replay_of_what_waits_tries_it_now_and_keeps_the_order(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    receiver.behave(fails_at(1))
    add(receiver)
    happen(1, 2)
    work.settle()
    receiver.behave(fails_at())
    actions.replay(Delivery.objects.latest("pk"))
    work.settle()
    assert numbers(receiver) == [1, 1, 2]
