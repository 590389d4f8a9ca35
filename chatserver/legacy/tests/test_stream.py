"""The old /stream and the old clients, against a real service."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chatserver.tests.harness.service import Service
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for


def frames(stream: Stream, kind: str) -> list[Any]:
    return [event.data["data"] for event in list(stream.events) if event.data["type"] == kind]


def wait_frame(stream: Stream, kind: str, **expected: Any) -> Any:
    return wait_for(
        lambda: next((data for data in frames(stream, kind) if expected.items() <= data.items()), None),
        what=f"{kind} {expected} among {[event.data for event in stream.events]}",
    )


@pytest.mark.parametrize("path", ["/stream", "/stream/"])
def test_a_message_is_a_frame_without_a_name(granian: Service, path: str) -> None:
    alice, bob = granian.people(2)
    stream = bob.listen(path=path)
    text = f"hai from {alice.name}"
    alice.send_text(text)
    shown = wait_frame(stream, "message", message=text)
    assert shown == {"date": shown["date"], "from": alice.id, "message": text, "roomId": "0"}
    assert isinstance(shown["date"], float)
    (old,) = [message for message in bob.get("/room/0/messages").json() if message["message"] == text]
    assert old["date"] == pytest.approx(shown["date"], abs=0.001)
    # An EventSource calls onmessage for no other name.
    assert {event.name for event in stream.events} == {"message"}


def test_a_direct_room_is_shown_and_has_its_old_name(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    stream, others = bob.listen(path="/stream"), charlie.listen(path="/stream")
    low, high = sorted((alice, bob), key=lambda person: person.id)
    answer = alice.post("/room", json={"user1": alice.id, "user2": bob.id})
    name = f"{low.id}:{high.id}"
    assert answer.json() == {"id": name, "names": [[low.name], [high.name]]}
    assert wait_frame(stream, "show.room", id=name) == answer.json()
    posted = alice.post(f"/room/{name}/messages", json={"message": "between us"}).json()
    shown = wait_frame(stream, "message", message="between us")
    assert shown["roomId"] == name
    assert shown["from"] == posted["from"] == alice.id
    marker = alice.send_text("for all, after it")
    wait_frame(others, "message", message=marker["message"])
    assert "between us" not in str(others.events)
    assert name not in str(others.events)


def test_friends_get_the_event_of_an_arrival(granian: Service) -> None:
    alice, bob = granian.people(2)
    alice.post("/room", json={"user1": alice.id, "user2": bob.id})
    stream = alice.listen(path="/stream")
    bob.listen(path="/stream")
    assert wait_frame(stream, "user.connected", id=str(bob.id)) == {
        "id": str(bob.id),
        "username": bob.name,
        "online": True,
    }


def test_it_resumes_and_begins_with_no_frame(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    stream = bob.listen(path="/stream")
    assert stream.retry is not None
    alice.send_text("one", room)
    wait_frame(stream, "message", message="one")
    seen = next(event for event in stream.events if event.data["data"].get("message") == "one")
    stream.close()
    alice.send_text("two", room)
    again = bob.listen(path="/stream", last_event_id=seen.id)
    alice.send_text("three", room)
    wait_frame(again, "message", message="three")
    texts = [data["message"] for data in frames(again, "message") if data["roomId"] == str(room)]
    assert texts == ["two", "three"]


def test_what_old_clients_have_no_word_for_is_left_out(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    stream = bob.listen(path="/stream")
    alice.patch(f"/api/v1/rooms/{room}/", json={"name": "renamed"})
    alice.post(f"/api/v1/rooms/{room}/typing/")
    alice.send_text("the end", room)
    wait_frame(stream, "message", message="the end")
    known = {"message", "user.connected", "user.disconnected", "show.room"}
    assert {event.data["type"] for event in stream.events} <= known


@pytest.mark.parametrize("junk", ["junk", "-1", "9" * 20, "\xff"])
def test_its_errors_are_the_old_ones(granian: Service, junk: str) -> None:
    (alice,) = granian.people()
    stream = Stream(f"{granian.url}/stream", {"Authorization": f"Bearer {alice.token}"}, junk)
    assert (stream.status, stream.headers["Content-Type"]) == (400, "application/json")
    assert re.fullmatch(rb'\{"message":"[^"]+"\}', stream.body)
    refused = Stream(f"{granian.url}/stream")
    assert (refused.status, list(httpx.Response(401, content=refused.body).json())) == (401, ["message"])


@pytest.fixture
def browser(granian: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=granian.url, timeout=30) as client:
        yield client


def test_an_old_browser_lives_on_its_cookie(granian: Service, browser: httpx.Client) -> None:
    """Log in with a body on GET, listen, talk, log out: the stream ends, and the cookie is worth nothing."""
    name, password = f"old{granian.people(1)[0].id}", "correct horse battery"
    browser.post("/api/v1/users/", json={"username": name, "password": password})
    body = {"username": name, "password": password}
    mine = browser.request("GET", "/login", json=body).json()
    assert mine == {"id": mine["id"], "username": name}
    stream = Stream(f"{granian.url}/stream", {"Cookie": f"sessionid={browser.cookies['sessionid']}"})
    wait_for(lambda: stream.last_event_id is not None)
    assert browser.post("/room/0/messages", json={"message": f"I am {name}"}).status_code == 201
    wait_frame(stream, "message", message=f"I am {name}")
    assert browser.get(f"/rooms/{mine['id']}").json() == [{"id": "0", "names": ["General"]}]
    said = browser.request("GET", "/logout", json={"username": name}).json()
    assert said == {"message": f"User {mine['id']} has been logged out"}
    stream.wait_closed(5)
    assert browser.get("/me").json() is None
