"""Streams by every way to come, and their end with the session or ticket behind them. On a real service."""

import base64
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for

PASSWORD = "correct horse battery"


class Person:
    """Somebody with a password, and their browser."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.name = f"p{uuid.uuid4().hex[:12]}"
        self.browser = httpx.Client(base_url=service.url, timeout=30)
        answer = self.browser.post("/api/v1/users/", json={"username": self.name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self.id: int = answer.json()["id"]

    @property
    def login(self) -> dict[str, str]:
        return {"username": self.name, "password": PASSWORD}

    def basic(self) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{self.name}:{PASSWORD}".encode()).decode()}

    def token(self) -> dict[str, str]:
        secret = self.browser.post("/api/v1/tokens/", json=self.login).json()["token"]
        return {"Authorization": f"Bearer {secret}"}

    def write(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request of the page, with the CSRF token of its cookie."""
        self.browser.get("/api/v1/session/")
        headers = {"X-CSRFToken": self.browser.cookies["csrftoken"]}
        return self.browser.request(method, path, json=body, headers=headers)

    def sign_in(self) -> dict[str, str]:
        """The session's cookies, as a header."""
        assert self.write("POST", "/api/v1/session/", self.login).status_code == 201
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())}

    def listen(self, headers: dict[str, str] | None = None, query: str = "") -> Stream:
        return Stream(f"{self.service.url}/api/v1/stream{query}", headers)


@pytest.fixture
def person(granian: Service) -> Iterator[Person]:
    made = Person(granian)
    yield made
    made.browser.close()


@pytest.fixture
def other(granian: Service) -> Iterator[Person]:
    made = Person(granian)
    yield made
    made.browser.close()


def assert_hears(stream: Stream, person: Person, speaker: Client) -> None:
    assert stream.status == 200, stream.body
    assert stream.wait("hello").data["user_id"] == person.id
    sent = speaker.send_text("hai")
    stream.wait("message.created", lambda data: data["data"]["id"] == sent["id"])


def assert_ended(stream: Stream, reason: str) -> None:
    stream.wait_closed(5)
    assert [event.data for event in stream.named("bye")] == [{"type": "bye", "reason": reason}]


@pytest.mark.parametrize("way", ["token", "basic", "sign_in"])
def test_a_stream_opens_by_token_by_password_and_by_session(granian: Service, person: Person, way: str) -> None:
    (speaker,) = granian.people()
    assert_hears(person.listen(getattr(person, way)()), person, speaker)


@pytest.mark.parametrize("way", ["token", "basic", "sign_in"])
def test_a_ticket_opens_one_stream_once_by_every_way(granian: Service, person: Person, way: str) -> None:
    (speaker,) = granian.people()
    headers = getattr(person, way)()
    if way == "sign_in":
        headers |= {"X-CSRFToken": person.browser.cookies["csrftoken"]}
    answer = httpx.post(f"{granian.url}/api/v1/tickets/", headers=headers)
    assert answer.status_code == 201, answer.text
    query = f"?ticket={answer.json()['ticket']}"
    assert_hears(person.listen(query=query), person, speaker)
    again = person.listen(query=query)
    assert (again.status, b"invalid_ticket" in again.body) == (401, True)


def test_of_many_streams_with_one_ticket_one_opens(person: Person) -> None:
    answer = httpx.post(f"{person.service.url}/api/v1/tickets/", headers=person.token())
    query = f"?ticket={answer.json()['ticket']}"
    with ThreadPoolExecutor(8) as pool:
        statuses = [stream.status for stream in pool.map(lambda _: person.listen(query=query), range(8))]
    assert sorted(statuses) == [200] + [401] * 7


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer ct_nonsense"},
        {"Authorization": "Basic bm9ib2R5Om5vYm9keQ=="},
        {"Authorization": "Basic !!"},
        {"Cookie": "sessionid=nonsensenonsensenonsense"},
        {"Cookie": 'sessionid="abcdefghij\\000"'},
        {"Cookie": "sessionid=\xff\xfe"},
    ],
)
def test_nobody_gets_no_stream(granian: Service, headers: dict[str, str]) -> None:
    stream = Stream(f"{granian.url}/api/v1/stream", headers)
    assert stream.status == 401
    assert stream.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("ticket", ["", "ck_nonsense", "%00", "%FF"])
def test_an_invalid_ticket_opens_nothing_even_beside_a_token(person: Person, ticket: str) -> None:
    assert person.listen(person.token(), f"?ticket={ticket}").status == 401


def test_a_logout_ends_the_streams_of_its_session_and_of_its_tickets_only(granian: Service, person: Person) -> None:
    (speaker,) = granian.people()
    cookies = person.sign_in()
    ticket, unused = (person.write("POST", "/api/v1/tickets/").json()["ticket"] for _ in range(2))
    mine = [person.listen(cookies), person.listen(query=f"?ticket={ticket}")]
    elsewhere = person.listen(person.token())
    for stream in (*mine, elsewhere):
        stream.wait("hello")
    assert person.write("DELETE", "/api/v1/session/").status_code == 204
    for stream in mine:
        assert_ended(stream, "logged_out")
    assert_hears(elsewhere, person, speaker)
    assert person.listen(cookies).status == 401
    assert person.listen(query=f"?ticket={unused}").status == 401


@pytest.mark.parametrize("way", ["token", "sign_in"])
def test_what_is_ended_in_the_list_ends_its_streams_within_a_second(person: Person, way: str) -> None:
    headers = getattr(person, way)()
    ours = [person.listen(headers), person.listen(person.basic())]
    for stream in ours:
        stream.wait("hello")
    tokens = f"{person.service.url}/api/v1/tokens/"
    (listed,) = httpx.get(tokens, headers=headers).json()["results"]
    began = time.monotonic()
    assert httpx.delete(f"{tokens}{listed['id']}/", headers=person.basic()).status_code == 204
    assert_ended(ours[0], "logged_out")
    assert time.monotonic() - began < 3  # 1 s, and what a loaded machine takes
    assert not ours[1].is_closed
    assert person.listen(headers).status == 401


def test_a_login_over_another_session_ends_its_streams(person: Person, other: Person) -> None:
    stream = person.listen(person.sign_in())
    stream.wait("hello")
    assert person.write("POST", "/api/v1/session/", other.login).json()["user"]["id"] == other.id
    assert_ended(stream, "logged_out")


@pytest.mark.parametrize("way", ["token", "basic", "sign_in"])
def test_a_new_password_ends_every_stream(person: Person, way: str) -> None:
    headers = getattr(person, way)()
    stream = person.listen(headers)
    stream.wait("hello")
    body = {"current_password": PASSWORD, "new_password": "x9-y8-z7-w6"}
    answer = httpx.put(f"{person.service.url}/api/v1/users/me/password/", json=body, headers=person.token())
    assert answer.status_code == 204
    assert_ended(stream, "password_changed")
    assert person.listen(headers).status == 401


def test_a_deleted_person_loses_the_stream_of_their_password(person: Person) -> None:
    stream = person.listen(person.basic())
    stream.wait("hello")
    assert httpx.delete(f"{person.service.url}/api/v1/users/", headers=person.basic()).status_code == 204
    assert_ended(stream, "deleted")
    assert person.listen(person.basic()).status == 401


def online(client: Client) -> set[int]:
    results: list[dict[str, Any]] = client.get("/api/v1/users/online/").json()["results"]
    return {entry["id"] for entry in results}


def test_a_user_who_opens_a_stream_is_online_and_their_friends_get_the_event(granian: Service, person: Person) -> None:
    (friend,) = granian.people()
    room = friend.post("/api/v1/rooms/", json={"name": "two", "kind": "closed", "members": [person.id]})
    assert room.status_code == 201
    told = friend.listen()
    assert person.id not in online(friend)
    person.listen(person.token()).wait("hello")
    event = told.wait("presence.changed", lambda data: data["data"]["id"] == person.id)
    assert event.data["data"] == {"id": person.id, "username": person.name, "online": True, "status": "online"}
    assert "position" not in event.data
    wait_for(lambda: person.id in online(friend))
