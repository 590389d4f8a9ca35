"""JWTs on a running service: streams that end with them, tickets, and many requests of one new person at once."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chatserver.tests.harness.jwts import mint
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.sse import Stream
from users.tests.test_streams_of_people import assert_ended


class Host:
    """A person of a host product, and what they send with their tokens."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.subject = f"p{uuid.uuid4().hex[:12]}"
        self.clients: list[Client] = []

    def client(self, **claims: Any) -> Client:
        self.clients.append(Client(self.service, self.subject, 0, mint(self.subject, **claims)))
        return self.clients[-1]

    def ticket(self, client: Client) -> str:
        answer = client.post("/api/v1/tickets/")
        assert answer.status_code == 201, answer.text
        return f"?ticket={answer.json()['ticket']}"

    def listen(self, query: str, **headers: str) -> Stream:
        return Stream(f"{self.service.url}/api/v1/stream{query}", headers)


@pytest.fixture
def host(granian: Service) -> Iterator[Host]:
    made = Host(granian)
    yield made
    for client in made.clients:
        client.close()


def test_a_new_person_is_made_once_however_many_requests_bring_them(granian: Service, host: Host) -> None:
    clients = [host.client(name="Zoë", jti=str(number)) for number in range(12)]

    def ask(client: Client) -> tuple[int, str]:
        path = "/api/v1/users/me/" if clients.index(client) % 2 else "/api/v1/rooms/"
        return client.get(path).status_code, client.get("/api/v1/users/me/").json()["username"]

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(ask, clients)) == {(200, host.subject)}
    found = clients[0].get("/api/v1/users/", params={"q": host.subject}).json()["results"]
    assert len(found) == 1
    made = "SELECT count(*) FROM users_externalidentity WHERE subject = %s"
    assert granian.sql(made, host.subject) == [(1,)]
    events = "SELECT count(*) FROM events_event WHERE type = 'user.created' AND strpos(body, %s) > 0"
    clients[0].listen().close()
    assert granian.sql(events, host.subject) == [(1,)]


def test_a_person_posts_and_hears_by_jwt(granian: Service, host: Host) -> None:
    client = host.client()
    stream = client.listen()
    sent = [client.send_text(text) for text in ("one", "two")]
    for message in sent:
        heard = stream.wait("message.created", lambda data, message=message: data["data"]["id"] == message["id"])
        assert heard.data["data"]["sender"]["username"] == host.subject
    stream.close()


def test_a_stream_and_that_of_a_ticket_end_when_the_token_expires(host: Host) -> None:
    client = host.client(exp=time.time() + 1.5)
    streams = [client.listen(), host.listen(host.ticket(client))]
    for stream in streams:
        stream.wait("hello")
    for stream in streams:
        assert_ended(stream, "expired")


@pytest.mark.parametrize("is_by_ticket", [True, False])
def test_a_stream_ends_where_the_person_is_logged_out_everywhere(host: Host, is_by_ticket: bool) -> None:
    client = host.client()
    unused = host.ticket(client)
    stream = host.listen(host.ticket(client)) if is_by_ticket else client.listen()
    user_id = stream.wait("hello").data["user_id"]
    assert client.post(f"/api/v1/users/{user_id}/logout/").status_code == 204
    assert_ended(stream, "logged_out")
    assert client.get("/api/v1/users/me/").status_code == 401
    assert host.listen("", Authorization=f"Bearer {client.token}").status == 401
    assert host.listen(unused).status == 401


@pytest.mark.parametrize("end", ["is_active = false", "is_active = false, deleted_at = now()"])
def test_who_is_banned_or_deleted_gets_no_request_and_no_stream(granian: Service, host: Host, end: str) -> None:
    client = host.client()
    ticket = host.ticket(client)
    granian.sql(f"UPDATE users_user SET {end} WHERE username = %s", host.subject)
    # In the thread that requests share, in another one, and on a stream.
    statuses = [client.post("/api/v1/chats/", json={"message": "hai"}).status_code]
    statuses += [client.get("/api/v1/users/me/").status_code, client.get("/api/v1/rooms/").status_code]
    statuses += [host.listen("", Authorization=f"Bearer {client.token}").status, host.listen(ticket).status]
    assert statuses == [401] * 5


@pytest.mark.parametrize(
    "claims", [{"exp": 1_000_000_000, "iat": 999_999_000}, {"key": "of another product, or of nobody at all, that is"}]
)
def test_a_token_that_is_not_valid_opens_no_stream(granian: Service, host: Host, claims: dict[str, Any]) -> None:
    header = {"Authorization": f"Bearer {host.client(**claims).token}"}
    assert host.listen("", **header).status == 401
    assert httpx.post(f"{granian.url}/api/v1/chats/", headers=header, json={"message": "hai"}).status_code == 401
