"""Receivers that hang, cut, redirect inside, trickle and flood: each is a failed attempt, and delays no other."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatserver.events import log
from chatserver.events.redaction import redact
from chatserver.events.topics import room_topic
from chatserver.storage.outbound import client
from chatserver.tests.harness.receiver import Handler, Received, Receiver, answers
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks import attempt, limits, sender
from chatserver.webhooks.clients import LaneClients
from chatserver.webhooks.models import Delivery, Endpoint, Lane, State

Add = Callable[..., Endpoint]
Happen = Callable[..., int]
Receive = Callable[..., Receiver]


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "ATTEMPT_LIMIT_SECONDS", 0.2)


def cut(handler: Handler, received: Received) -> None:
    """Half an answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    handler.close_connection = True


def cut_at_once(handler: Handler, received: Received) -> None:
    handler.close_connection = True


def nonsense(handler: Handler, received: Received) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n")
    handler.close_connection = True


def trickle(handler: Handler, received: Received) -> None:
    """A byte now and then, for ever."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.01)


def flood(handler: Handler, received: Received) -> None:
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 65536)


def the_delivery(work: Work, add: Add, happen: Happen, at: Receiver | str) -> Delivery:
    add(at)
    happen(1)
    work.settle()
    return Delivery.objects.get()


@pytest.mark.parametrize("behave", [cut, cut_at_once, nonsense])
def test_a_broken_answer_is_none(work: Work, add: Add, receive: Receive, happen: Happen, behave: Any) -> None:
    delivery = the_delivery(work, add, happen, receive(behave))
    assert (delivery.state, delivery.status) == (State.WAITING, None)
    assert delivery.error.startswith("no answer: ")


@pytest.mark.parametrize("kind", ["hang", "trickle"])
def test_an_answer_that_does_not_end_in_time_is_none(
    work: Work, add: Add, receiver: Receiver, happen: Happen, short_limit: None, kind: str
) -> None:
    receiver.behave(receiver.hang if kind == "hang" else trickle)
    delivery = the_delivery(work, add, happen, receiver)
    assert (delivery.state, delivery.status) == (State.WAITING, None)
    assert delivery.error.startswith("timeout: ")


def test_of_a_flood_the_first_kilobyte_is_kept(work: Work, add: Add, receive: Receive, happen: Happen) -> None:
    delivery = the_delivery(work, add, happen, receive(flood))
    assert (delivery.state, delivery.status, delivery.answer) == (State.WAITING, 500, "x" * 1024)


def test_an_answer_that_is_no_text_is_kept(work: Work, add: Add, receive: Receive, happen: Happen) -> None:
    delivery = the_delivery(work, add, happen, receive(answers(200, b"\0\xff<script>")))
    assert (delivery.state, delivery.answer) == (State.DELIVERED, "\ufffd\ufffd<script>")


def test_a_redirect_to_an_inside_address_is_not_followed(
    work: Work, add: Add, receive: Receive, happen: Happen
) -> None:
    inside = receive()
    delivery = the_delivery(work, add, happen, receive(answers(302, Location=inside.url)))
    assert (delivery.state, delivery.status) == (State.WAITING, 302)
    assert inside.connections == 0


def test_an_inside_address_is_not_connected_to(
    work: Work, add: Add, receiver: Receiver, happen: Happen, settings: Any
) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = False
    delivery = the_delivery(work, add, happen, receiver)
    assert (delivery.state, delivery.status) == (State.WAITING, None)
    assert delivery.error.startswith("refused: ")
    assert receiver.connections == 0


def test_without_tls_at_the_other_end_nothing_is_delivered(
    work: Work, add: Add, receiver: Receiver, happen: Happen
) -> None:
    delivery = the_delivery(work, add, happen, receiver.url.replace("http:", "https:"))
    assert (delivery.state, delivery.status) == (State.WAITING, None)
    assert receiver.received == []


def test_nobody_listens(work: Work, add: Add, receive: Receive, happen: Happen) -> None:
    gone = receive()
    gone.close()
    assert the_delivery(work, add, happen, gone).error.startswith("no connection: ")


def test_twenty_that_hang_delay_no_other(
    work: Work, add: Add, receive: Receive, happen: Happen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are fewer places than the hanging ones would take; they have them for SLOW_SECONDS only."""
    monkeypatch.setattr(limits, "MAX_QUICK_LANES", 30)
    monkeypatch.setattr(sender, "SLOW_SECONDS", 0.1)
    hanging, good = receive(), receive()
    hanging.behave(hanging.hang)
    for _ in range(19):
        add(hanging)
    add(good)
    for room in range(20):
        happen(room, room=room)
    work.until(lambda: len(good.received) == 20)
    assert len(hanging.received) >= 19


def test_an_endpoint_that_timed_out_gets_one_lane_until_it_answers() -> None:
    lanes = limits.LaneLimits()
    assert lanes.share([1]) == {1: limits.FIRST_LANES}
    for _ in range(limits.FIRST_LANES):
        lanes.take(1)
    assert lanes.share([1, 2]) == {2: limits.FIRST_LANES}
    lanes.note_end(1, seconds=15, has_answered=False)
    for _ in range(limits.FIRST_LANES):
        lanes.give_back(1)
    assert lanes.share([1]) == {1: 1}
    lanes.take(1)
    lanes.note_end(1, seconds=0.1, has_answered=True)
    assert lanes.share([1]) == {1: 1}


def test_the_slow_share_a_budget_of_their_own() -> None:
    lanes = limits.LaneLimits()
    for endpoint_id in range(limits.MAX_SLOW_LANES):
        lanes.take(endpoint_id)
        lanes.note_slow(endpoint_id)
    assert lanes.share([0, 10_000]) == {10_000: limits.FIRST_LANES}


@pytest.fixture
def connecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Connections are begun, and there when the event is set; that is too long for a body that was read before."""
    may_end, real = threading.Event(), client.connect

    async def connect(host: str, port: int) -> socket.socket:
        while not may_end.is_set():
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)
        return await real(host, port)

    monkeypatch.setattr(client, "connect", connect)
    monkeypatch.setattr(attempt, "FRESH_SECONDS", 0.01)
    yield may_end
    may_end.set()


def test_after_a_connection_that_took_long_the_body_is_read_anew(
    work: Work, add: Add, receiver: Receiver, happen: Happen, connecting: threading.Event
) -> None:
    add(receiver)
    log.emit(room_topic(3), "test.happened", {"text": "secret"}, room_id=3, message_id=77)
    happen(1)
    work.until(lambda: Lane.objects.exclude(worker_id=None).exists())
    redact(77, {"text": None})
    connecting.set()
    work.settle()
    assert [event["data"] for event in receiver.events] == [{"text": None}, {"number": 1}]
    assert receiver.connections == 1
    assert set(Delivery.objects.values_list("state", "attempts")) == {(State.DELIVERED, 1)}


def test_where_each_connection_takes_too_long_the_attempt_has_failed(
    work: Work,
    add: Add,
    receiver: Receiver,
    happen: Happen,
    connecting: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LaneClients, "take", lambda *_: client.OutboundClient())
    connecting.set()
    delivery = the_delivery(work, add, happen, receiver)
    assert (delivery.state, delivery.attempts) == (State.WAITING, 1)
    assert delivery.error == "no connection in time: it took longer than 0.01 s"
    assert receiver.received == []
