"""Streams that service keys open: for a person, and of the whole log. They end with the key, and with the person."""

from typing import Any

import httpx
import pytest

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.service_keys import key_of, service_account
from chatserver.tests.harness.sse import Stream


@pytest.fixture
def shop(granian: Service) -> Client:
    return service_account(*granian.people())


def opened(service: Service, key: str, query: str = "", last: str | None = None, **headers: str) -> Stream:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    stream = Stream(f"{service.url}/api/v1/stream{query}", {"Authorization": f"Bearer {key}", **headers}, last)
    if stream.status == 200:
        stream.wait("hello")
    return stream


def test_a_stream_for_a_person_is_theirs_and_ends_with_the_keys_of_the_account(granian: Service, shop: Client) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    key = key_of(shop, "act_as")
    theirs = opened(granian, key, Chat_On_Behalf_Of=str(bob.id))
    own = bob.listen()
    assert theirs.named("hello")[0].data["user_id"] == bob.id
    sent = alice.send_text("for bob", room)
    theirs.wait("message.created", lambda data: data["data"]["id"] == sent["id"])
    assert shop.post(f"/api/v1/users/{shop.id}/logout/").status_code == 204
    assert theirs.wait("bye").data["reason"] == "logged_out"
    theirs.wait_closed()
    assert opened(granian, key, Chat_On_Behalf_Of=str(bob.id)).status == 401
    assert not own.is_closed
    assert key not in granian.log.read_text()
    audited = granian.sql(
        "SELECT person_id, route, status, request_id FROM audit_auditentry WHERE service_id = %s ORDER BY id", shop.id
    )
    assert audited == [(bob.id, "/api/v1/stream/", 200, theirs.headers["X-Request-ID"])]


def test_a_stream_for_a_person_ends_with_them(granian: Service, shop: Client) -> None:
    alice, bob = granian.people(2)
    key = key_of(shop, "act_as")
    theirs = [opened(granian, key, Chat_On_Behalf_Of=str(person.id)) for person in (alice, bob)]
    # The account is deleted by those who signed in lately, and the service may be older than that.
    granian.sql("UPDATE users_token SET created_at = now() WHERE user_id = %s RETURNING id", alice.id)
    assert alice.delete("/api/v1/users/").status_code == 204
    assert theirs[0].wait("bye").data["reason"] == "deleted"
    assert opened(granian, key, Chat_On_Behalf_Of=str(alice.id)).status == 404
    assert not theirs[1].is_closed


def test_a_stream_ends_when_its_key_expires(granian: Service, shop: Client) -> None:
    stream = opened(granian, key_of(shop, "events:read", life="1 second"), "?all=true")
    assert stream.wait("bye").data["reason"] == "expired"


def test_the_whole_log_has_every_event_of_these_types_and_resumes(granian: Service, shop: Client) -> None:
    alice, bob = granian.people(2)
    key = key_of(shop, "events:read")
    everything, messages = opened(granian, key, "?all=true"), opened(granian, key, "?all=true&types=message.*")
    outsider = shop.listen()
    room = alice.make_room(bob)
    first = alice.send_text("in a private room", room)
    for stream in (everything, messages):
        stream.wait("message.created", lambda data: data["data"]["id"] == first["id"])
    away = messages.last_event_id
    messages.close()
    alice.delete(f"/api/v1/rooms/{room}/members/{bob.id}/")
    second = alice.send_text("and another", room)
    last = everything.wait("message.created", lambda data: data["data"]["id"] == second["id"])
    again = opened(granian, key, "?all=true&types=message.*", last=away)
    again.wait("message.created", lambda data: data["data"]["id"] == second["id"])
    in_room = [event for event in again.events if event.data.get("room_id") == room]
    assert [(event.name, event.data["data"]["kind"]) for event in in_room] == [
        ("message.created", "system"),  # bob was removed
        ("message.created", "text"),
    ]
    heard = [event for event in everything.events if event.data.get("room_id") == room]
    names = ["room.created", "message.created", "member.removed", "room.left", *["message.created"] * 2]
    assert [event.name for event in heard] == names
    feed = httpx.get(
        f"{granian.url}/api/v1/events/",
        params={"all": "true", "after": heard[0].position - 1, "limit": 1000},
        headers={"Authorization": f"Bearer {key}"},
    ).json()
    listed = [event for event in feed["results"] if event["room_id"] == room]
    assert [event["position"] for event in listed] == [event.position for event in heard]
    assert listed[-1]["position"] == last.position
    assert room not in {event.data.get("room_id") for event in outsider.events}


@pytest.mark.parametrize(
    ("scopes", "query", "status", "code"),
    [
        (["users:read"], "", 403, "scope_missing"),
        (["users:read", "act_as"], "?all=true", 403, "scope_missing"),
        (["events:read"], "?all=maybe", 400, "invalid"),
        (["events:read"], "?all=true&types=nothing.*", 400, "invalid"),
        (["events:read"], "?types=message.*", 400, "invalid"),
    ],
)
def test_a_stream_is_refused(
    granian: Service, shop: Client, scopes: list[str], query: str, status: int, code: str
) -> None:
    stream = opened(granian, key_of(shop, *scopes), query)
    assert (stream.status, f'"code":"{code}"' in stream.body.decode()) == (status, True)
    audited = granian.sql("SELECT status, request_id FROM audit_auditentry WHERE service_id = %s", shop.id)
    assert audited == [(status, stream.headers["X-Request-ID"])]


def test_who_has_no_key_hears_no_whole_log_and_acts_for_nobody(granian: Service, shop: Client) -> None:
    (alice,) = granian.people()
    acting: dict[str, Any] = {"Chat_On_Behalf_Of": str(alice.id)}
    both = key_of(shop, "events:read", "act_as")
    refused = [
        opened(granian, shop.token, "?all=true"),
        opened(granian, alice.token, "?all=true"),
        opened(granian, both, "?all=true", **acting),
        opened(granian, shop.token, **acting),
        opened(granian, key_of(shop, "events:read"), **acting),
        opened(granian, shop.token, f"?ticket={alice.post('/api/v1/tickets/').json()['ticket']}", **acting),
    ]
    assert [(stream.status, b"scope_missing" in stream.body) for stream in refused] == [(403, True)] * len(refused)
    old = Stream(f"{granian.url}/stream", {"Authorization": f"Bearer {both}"})
    assert (old.status, b"message" in old.body) == (403, True)
