"""The stream, over real HTTP, on granian and on daphne."""

import json

import httpx
import pytest

from chatserver.tests.harness.service import Service
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for


def test_a_message_arrives_with_the_body_that_rest_shows(service: Service) -> None:
    alice, bob = service.people(2)
    stream = bob.listen()
    sent = alice.send_text("hello from alice")
    event = stream.wait("message.created", lambda data: data["data"]["id"] == sent["id"])
    assert event.data["data"] == sent
    assert event.data["room_id"] == 0
    assert event.data["actor_id"] == alice.id
    assert event.id == str(event.position)


def test_the_author_gets_their_own_message(service: Service) -> None:
    (alice,) = service.people()
    stream = alice.listen()
    sent = alice.send_text("to myself too")
    stream.wait("message.created", lambda data: data["data"]["id"] == sent["id"])


def test_it_begins_with_retry_and_hello(service: Service) -> None:
    (alice,) = service.people()
    stream = alice.listen()
    hello = stream.wait("hello")
    assert stream.retry is not None
    assert 2000 <= stream.retry <= 8000
    assert hello.data == {"type": "hello", "position": int(hello.id or ""), "user_id": alice.id, "resumed": False}
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store, no-transform"
    assert stream.headers["x-accel-buffering"] == "no"


def test_a_resume_gives_exactly_what_was_missed(service: Service) -> None:
    alice, bob = service.people(2)
    room = alice.make_room(bob)
    first = bob.listen()
    alice.send_text("one", room)
    seen = first.wait("message.created", lambda data: data["data"]["message"] == "one")
    first.close()
    for text in ("two", "three"):
        alice.send_text(text, room)
    again = bob.listen(last_event_id=seen.id)
    alice.send_text("four", room)
    again.wait("message.created", lambda data: data["data"]["message"] == "four")
    assert again.named("hello")[0].data["resumed"] is True
    assert [e.data["data"]["message"] for e in again.named("message.created") if e.data["room_id"] == room] == [
        "two",
        "three",
        "four",
    ]


@pytest.mark.parametrize("path", ["/api/v1/stream", "/stream"])
def test_no_character_of_a_text_ends_a_line(service: Service, path: str) -> None:
    """Some clients split lines where Unicode does: they would get half of the JSON."""
    alice, bob = service.people(2)
    text = "one\x85two\u2028three\u2029four\rfive"
    room = alice.make_room(bob)
    stream = bob.listen()
    start = stream.last_event_id
    stream.close()
    alice.send_text(text, room)
    headers = {"Authorization": f"Bearer {bob.token}", "Last-Event-ID": start}
    with httpx.stream("GET", f"{service.url}{path}", headers=headers) as answer:
        received = ""
        for chunk in answer.iter_text():
            received += chunk
            if "five" in received:
                break
    (data,) = [line for line in received.splitlines() if "five" in line]
    assert json.loads(data.removeprefix("data: "))["data"]["message"] == text


@pytest.mark.parametrize("name", ["last_event_id", "lastEventId"])
def test_the_last_id_may_be_in_the_query(service: Service, name: str) -> None:
    (alice,) = service.people()
    start = alice.listen().last_event_id
    empty = {"last_event_id": "lastEventId", "lastEventId": "last_event_id"}[name]
    url = f"{service.url}/api/v1/stream?{empty}=&{name}={start}"
    alice.send_text("missed")
    stream = Stream(url, headers={"Authorization": f"Bearer {alice.token}"})
    assert stream.wait("hello").data["resumed"] is True
    stream.wait("message.created", lambda data: data["data"]["message"] == "missed")


@pytest.mark.parametrize("junk", ["junk", "-1", "1.5", "1 2", "٣", "9" * 20, "9" * 5000, "0x10", "%00"])
def test_an_invalid_last_event_id_is_400(service: Service, junk: str) -> None:
    (alice,) = service.people()
    headers = {"Authorization": f"Bearer {alice.token}"}
    answer = alice.get("/api/v1/stream", params={"last_event_id": junk}, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_last_event_id"


def test_an_id_in_the_future_is_a_reset(service: Service) -> None:
    (alice,) = service.people()
    stream = alice.listen(last_event_id=str(10**15))  # further than the positions of a copied database jump
    reset = stream.wait("reset")
    assert reset.data["reason"] == "future"
    assert reset.id == str(reset.data["position"])


def test_nobody_hears_nothing(service: Service) -> None:
    stream = Stream(f"{service.url}/api/v1/stream")
    assert stream.status == 401
    assert "WWW-Authenticate" in stream.headers


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines\r\nand three",
        "data: not a field\n\nid: 7\nevent: bye\ndata: {}",
        "\N{FAMILY}\N{ZERO WIDTH JOINER}\N{GRINNING FACE} \N{LINE SEPARATOR} \N{NEXT LINE} \x0b\x1f end",
        "\N{GRINNING FACE}" * 4000,
        '"}\\u0000',
    ],
)
def test_no_text_breaks_the_format(service: Service, text: str) -> None:
    alice, bob = service.people(2)
    room = alice.make_room(bob)
    stream = bob.listen()
    alice.send_text(text, room)
    after = alice.send_text("after it", room)
    stream.wait("message.created", lambda data: data["data"]["id"] == after["id"])
    assert stream.texts() == [text, "after it"]
    assert {event.name for event in stream.events} <= {"hello", "presence.changed", "room.created", "message.created"}


@pytest.mark.parametrize("text", ["nul \0 inside", "x" * 4_001, " \n ", ""])
def test_a_text_that_is_refused_leaves_no_event_and_no_gap(service: Service, text: str) -> None:
    alice, bob = service.people(2)
    room = alice.make_room(bob)
    stream = bob.listen()
    refused = alice.post("/api/v1/chats/", json={"room_id": room, "message": text})
    assert refused.status_code == 400
    sent = alice.send_text("the first", room)
    stream.wait("message.created", lambda data: data["data"]["id"] == sent["id"])
    assert stream.texts() == ["the first"]
    assert sent["seq"] == 1


@pytest.mark.parametrize("path", ["/api/v1/stream", "/api/v1/stream/", "/stream", "/stream/"])
def test_it_can_only_be_read(service: Service, path: str) -> None:
    (alice,) = service.people()
    for method in ("POST", "PUT", "DELETE", "HEAD"):
        answer = alice.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET"


def test_what_is_delivered_is_counted(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    bob.listen()
    before = deliveries(granian)
    for number in range(5):
        alice.send_text(str(number), room)
    wait_for(lambda: deliveries(granian) >= before + 5, what="the count of the deliveries")


def deliveries(service: Service) -> float:
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return sum(float(line.split(" ")[1]) for line in lines if line.startswith("chat_deliveries_total "))
