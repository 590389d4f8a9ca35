"""Answers of receivers that quote what they got: kept while the log still shows it, and not a moment longer."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from chatserver.events import log
from chatserver.events.models import Event
from chatserver.events.redaction import redact
from chatserver.events.sequencer import sequence
from chatserver.events.topics import room_topic
from chatserver.tests.harness.receiver import Handler, Received, Receiver
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks import actions
from chatserver.webhooks.models import Delivery, Endpoint, State
from users.actions.people import create_user, delete_user
from users.models import User
from users.serializers.people import shown_person

Add = Callable[..., Endpoint]
Happen = Callable[..., int]


def take_back_text() -> None:
    redact(77, {"text": None})


def delete_person() -> None:
    delete_user(User.objects.get(username="bob"))


def trim_log() -> None:
    Event.objects.all().delete()


TAKES_BACK = pytest.mark.parametrize("take_back", [take_back_text, delete_person, trim_log])


@pytest.fixture
def bob(db: Any) -> User:
    made = create_user("bob")
    while sequence():
        pass
    return made


def show(bob: User) -> None:
    """Events with a text, and with a name."""
    log.emit(room_topic(3), "test.happened", {"text": "bob"}, room_id=3, message_id=77)
    log.emit(room_topic(3), "test.happened", shown_person(bob.record), room_id=3)
    while sequence():
        pass


@TAKES_BACK
def test_an_answer_is_forgotten_with_what_it_quotes(
    work: Work, add: Add, receiver: Receiver, happen: Happen, bob: User, take_back: Callable[[], None]
) -> None:
    receiver.behave(lambda handler, received: handler.answer(500 if b"text" in received.body else 200, received.body))
    add(receiver, types=["test.happened"], is_ordered=False)
    show(bob)
    work.settle()
    before = list(Delivery.objects.order_by("pk").values_list("answer", flat=True))
    assert all("bob" in answer for answer in before)
    take_back()
    after = list(Delivery.objects.order_by("pk").values_list("answer", flat=True))
    text, person = before
    assert after == {take_back_text: ["", person], delete_person: [text, ""], trim_log: ["", ""]}[take_back]


@TAKES_BACK
def test_an_answer_that_comes_after_what_it_quotes_was_taken_back_is_not_kept(
    work: Work, add: Add, receiver: Receiver, bob: User, take_back: Callable[[], None]
) -> None:
    is_taken_back = threading.Event()

    def quote(handler: Handler, received: Received) -> None:
        is_taken_back.wait(10)
        handler.answer(200, received.body)

    receiver.behave(quote)
    add(receiver, types=["test.happened"], is_ordered=False)
    show(bob)
    work.until(lambda: len(receiver.received) == 2)
    take_back()
    is_taken_back.set()
    work.settle()
    text, person = Delivery.objects.order_by("pk")
    assert (text.state, person.state) == (State.DELIVERED, State.DELIVERED)
    assert ("bob" in text.answer, "bob" in person.answer) == (take_back == delete_person, take_back == take_back_text)


@pytest.mark.parametrize("is_status_line", [True, False])
def test_no_error_quotes_what_came(work: Work, add: Add, receiver: Receiver, bob: User, is_status_line: bool) -> None:
    def quote(handler: Handler, received: Received) -> None:
        start = b"" if is_status_line else b"HTTP/1.1 200 OK\r\n"
        handler.wfile.write(start + received.body + b"\r\n\r\n")
        handler.close_connection = True

    receiver.behave(quote)
    add(receiver, types=["test.happened"])
    show(bob)
    work.settle()
    delivery = Delivery.objects.earliest("pk")
    assert (delivery.state, delivery.answer) == (State.WAITING, "")
    assert delivery.error == "no answer: no answer of HTTP, or not a whole one"


def test_the_answer_to_a_test_is_kept(work: Work, add: Add, receiver: Receiver) -> None:
    receiver.behave(lambda handler, received: handler.answer(200, b"welcome"))
    actions.send_test(add(receiver))
    work.settle()
    assert Delivery.objects.get().answer == "welcome"
