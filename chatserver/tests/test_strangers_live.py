"""A service where strangers do not see each other: its streams, the switch of General under way, and its page."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import complaints_of, expect_live
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for

NARROW = {"CHAT_GENERAL": "False", "CHAT_DIRECTORY": "rooms", "CHAT_DIRECT_MESSAGES": "rooms"}


@pytest.fixture(scope="module")
def isolated(start_shared_service: Callable[..., Service]) -> Service:
    """It starts on a database where everybody is in General."""
    return start_shared_service(**NARROW, CHAT_PASSWORDLESS_LOGIN="True")


def rename(person: Client, name: str) -> None:
    assert person.patch("/api/v1/users/me/", json={"display_name": name}).is_success
    wait_for(lambda: person.service.sql("SELECT count(*) FROM rooms_announcement") == [(0,)])


def heard(stream: Stream) -> str:
    return str([event.data for event in stream.events])


def test_streams_and_the_log_bring_nothing_of_a_stranger_and_all_of_those_in_ones_rooms(isolated: Service) -> None:
    alice, bob, mallory = isolated.people(3)
    room = alice.make_room(kind="open")
    assert bob.post(f"/api/v1/rooms/{room}/members/", json={"user_id": bob.id}).status_code == 201
    streams = [alice.listen(), alice.listen(path="/stream")]
    loud = mallory.listen()
    secret = mallory.make_room()
    mallory.send_text("a secret", secret)
    rename(mallory, "Mallory M.")
    loud.wait("user.updated")
    rename(bob, "Bob B.")
    told = streams[0].wait("user.updated").data["data"]
    assert (told["id"], told["display_name"]) == (bob.id, "Bob B.")
    bob.listen()
    streams[0].wait("presence.changed", lambda data: data["data"]["id"] == bob.id)
    wait_for(lambda: f"'{bob.id}'" in heard(streams[1]), what="the old stream's presence")
    log = alice.get("/api/v1/events/").text
    for text in (*map(heard, streams), log):
        assert mallory.name not in text
        assert "Mallory" not in text
        assert "a secret" not in text
    ids = [event.data.get("actor_id") for event in streams[0].events]
    assert mallory.id not in ids
    for stream in (*streams, loud):
        stream.close()


def test_a_service_that_starts_without_general_ends_it_for_those_who_resume(
    start_service: Callable[..., Service],
) -> None:
    before = start_service()
    alice, bob = before.people(2)
    stream = alice.listen()
    bob.send_text("one")
    seen = stream.wait("message.created").id
    bob.send_text("two")
    stream.close()
    after = start_service(beside=before, **NARROW)
    wait_for(lambda: after.sql("SELECT members_count FROM rooms_room WHERE id = 0") == [(0,)])
    resumed = alice.listen(seen, service=after)
    assert resumed.wait("room.left").data["data"] == {"room_id": 0, "reason": "removed"}
    assert resumed.texts() == []
    # Also those who still run with the other setting.
    assert bob.post("/api/v1/chats/", json={"room_id": 0, "message": "three"}).status_code == 404
    resumed.close()


@pytest.mark.clients
@pytest.mark.parametrize("directory", ["rooms", "nobody"])
def test_the_page_works_where_strangers_do_not_see_each_other(
    start_service: Callable[..., Service], isolated: Service, chromium: Any, directory: str
) -> None:
    site = isolated
    if directory == "nobody":
        others = {"CHAT_DIRECT_MESSAGES": "nobody", "CHAT_ROOM_CREATION": "services"}
        site = start_service(beside=isolated, **{**NARROW, "CHAT_DIRECTORY": directory, **others})
    context: BrowserContext = chromium.new_context()
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(f"{site.url}/")
    page.locator("[data-testid=demo-sign-in][data-username=Adam]").click()
    expect_live(page)
    expect(page.locator("#rooms [data-room-id='0']")).to_have_count(0)
    page.locator("#rooms [data-room-id]").first.click()
    page.locator("[data-testid=composer-input]").fill("still here")
    page.locator("[data-testid=send]").click()
    expect(page.get_by_text("still here").last).to_be_visible()
    page.locator("#new-conversation").click()
    found = page.locator("[data-testid=person-choice]")
    expect(page.locator("#person-results > *").first).to_be_visible()
    names = sorted(found.locator(".name").all_inner_texts())
    assert names == (["Kyle", "Taylor"] if directory == "rooms" else [])
    page.locator("#tab-browse").click()
    expect(page.locator("#browse-results > *").first).to_be_visible()
    assert complaints == []
    context.close()
