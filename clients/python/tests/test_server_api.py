"""The methods for backends, with a service key, against a real ChatServer."""

import asyncio
import secrets
from collections.abc import Iterator
from itertools import islice

import pytest
from chatserver_client import AsyncChatClient, ChatClient, ChatError
from chatserver_client.batches import batches_of

from chatserver.tests.harness.service import Service
from chatserver.tests.harness.service_keys import key_of, service_account

SCOPES = ("users:write", "rooms:write", "webhooks:write", "events:read", "moderation:read", "act_as")
# Nobody answers there; deliveries are counted, not received.
ADDRESS = "https://shop.example/chat-events"


@pytest.fixture
def key(granian: Service) -> str:
    (account,) = granian.people(1)
    return key_of(service_account(account), *SCOPES)


@pytest.fixture
def shop(granian: Service, key: str) -> Iterator[ChatClient]:
    with ChatClient(granian.url, key) as client:
        yield client


def own_id(kind: str) -> str:
    """An id of the product's, with what has to be escaped on the way."""
    return f"{kind}/ü %2F,{secrets.token_hex(4)}"


def test_people_and_rooms_by_the_ids_of_a_product(shop: ChatClient, granian: Service) -> None:
    dana, adam, order = own_id("dana"), own_id("adam"), own_id("order")
    made = shop.put_user(dana, display_name="Dana")
    assert shop.external_user(dana)["id"] == made["id"] and made["external_id"] == dana
    wrong = {"external_id": own_id("x"), "email": "nonsense"}
    results = shop.put_users([{"external_id": adam}, wrong, {"external_id": dana, "display_name": "Dana D."}])
    assert [result["status"] for result in results] == [201, 400, 200]
    assert results[1]["errors"][0]["field"] == "email"

    room = shop.put_room(order, "Order 551", members=[f"external:{dana}", f"external:{adam}"], kind="closed")
    assert shop.put_room(order, "Order 551", members=[f"external:{dana}"], exact=True)["members_count"] == 1
    assert shop.external_room(order)["id"] == room["id"]

    message = shop.act_as(f"external:{dana}").send_message("Where is it?", room_id=room["id"])
    assert message["sent_by"] == made["id"]
    with pytest.raises(ChatError, match="404"):
        shop.act_as(f"external:{adam}").room(room["id"])
    assert {"id": message["id"], "room_id": room["id"]} in [entry["targets"] for entry in shop.audit()]

    issued = shop.create_token(made["id"])
    with ChatClient(granian.url, issued["token"]) as danas:
        assert danas.session()["user"] is not None
        shop.log_out(made["id"])
        with pytest.raises(ChatError, match="401"):
            danas.session()


def test_more_people_than_one_request_takes(shop: ChatClient) -> None:
    prefix = secrets.token_hex(4)
    results = shop.put_users({"external_id": f"{prefix}-{number}"} for number in range(1_001))
    assert [(result["status"], result["user"]["external_id"]) for result in results if result["user"]] == [
        (201, f"{prefix}-{number}") for number in range(1_001)
    ]


def test_batches_have_no_more_bytes_than_the_server_takes(shop: ChatClient) -> None:
    """Each result is that of its person, also where others in the batch are refused."""
    address = "https://example.com/".ljust(500, "x")
    prefix = secrets.token_hex(4)
    people = [
        {"external_id": f"{prefix}-{number}", "avatar_url": f"{address}x" if number % 7 == 0 else address}
        | {"display_name": f"{number} ".ljust(80, "ü")}
        for number in range(1_000)
    ]
    assert len(list(batches_of(people))) == 2
    results = shop.put_users(people)
    ids = []
    for person, result in zip(people, results, strict=True):
        if person["avatar_url"] == address:
            assert (result["status"], result["code"], result["errors"]) == (201, None, [])
            assert {name: result["user"][name] for name in person} == person
            ids.append(result["user"]["id"])
        else:
            assert (result["status"], result["code"], result["user"]) == (400, "invalid", None)
            assert [(error["field"], error["code"]) for error in result["errors"]] == [("avatar_url", "max_length")]
    assert len(set(ids)) == len(people) - 143

    again = shop.put_users(people)
    assert [result["user"]["id"] for result in again if result["status"] == 200] == ids
    assert shop.external_user(f"{prefix}-999")["id"] == ids[-1]
    with pytest.raises(ChatError, match="404"):
        shop.external_user(f"{prefix}-0")


def test_webhooks(shop: ChatClient) -> None:
    webhook = shop.create_webhook(ADDRESS, types=["message.*"], ordered=False)
    assert webhook["secret"].startswith("whsec_")
    assert shop.rotate_webhook_secret(webhook["id"])["secret"] != webhook["secret"]
    tests = [shop.test_webhook(webhook["id"])["id"] for _ in range(3)]
    assert shop.replay(webhook["id"], tests[0])["id"] == tests[0]
    assert [each["id"] for each in shop.deliveries(webhook["id"])] == tests
    assert not list(shop.deliveries(webhook["id"], state="delivered"))
    assert not shop.update_webhook(webhook["id"], enabled=False)["enabled"]
    assert [each["id"] for each in shop.webhooks()] == [webhook["id"]]
    shop.delete_webhook(webhook["id"])
    assert not list(shop.webhooks())


def test_every_event_of_everybody(granian: Service, key: str) -> None:
    anna, ben = granian.people(2)
    room_id = anna.make_room(ben)

    async def listen() -> None:
        async with AsyncChatClient(granian.url, key) as chat, AsyncChatClient(granian.url, anna.token) as annas:
            past = [event async for event in chat.past_events(types="room.created", everybody=True)]
            assert {event.type for event in past} == {"room.created"}
            assert past[-1].room_id == room_id and past[-1].position
            sent = await annas.send_message("hello", room_id=room_id)
            async for event in chat.events(past[-1].position, types="message.*", everybody=True):
                assert event.type == "message.created"
                if event.data["id"] == sent["id"]:
                    return

    asyncio.run(listen())
    with ChatClient(granian.url, anna.token) as person, pytest.raises(ChatError) as caught:
        list(islice(person.events(everybody=True), 1))
    assert (caught.value.status, caught.value.code) == (403, "scope_missing")
