"""Further states of the page: what happens in rooms, who may do what there, and other ways to see it.

For the pictures see test_page_states.py.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from chatserver.tests.harness.page import come_in, messages_of
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.states import States

Act = Callable[..., Any]


@pytest.fixture(scope="module")
def site(start_shared_service: Callable[..., Service]) -> Service:
    """A service that keeps earlier texts, where demo people come in with one click."""
    return start_shared_service(CHAT_PASSWORDLESS_LOGIN="True", CHAT_EDIT_HISTORY_DAYS="7")


@pytest.fixture
def adam(chromium: Browser, site: Service) -> Iterator[tuple[Page, list[str]]]:
    context = chromium.new_context(color_scheme="light", reduced_motion="reduce")
    yield come_in(context, site.url, "Adam")
    context.close()


def open_room(page: Page, room: int) -> None:
    page.locator(f"#rooms [data-room-id='{room}']").click()
    expect(messages_of(page).last).to_be_visible()
    page.get_by_test_id("composer-input").blur()


@pytest.mark.timeout(300)
def test_what_happens_in_a_room_can_be_read_and_used_by_everybody(
    adam: tuple[Page, list[str]], acting: Act, talk: int
) -> None:
    page, complaints = adam
    states = States(page, "light")
    # What the room itself says.
    garden = acting("Kyle", "/api/v1/rooms/", {"name": "Garden", "kind": "open", "members": [1, 3]})["id"]
    acting("Bob", f"/api/v1/rooms/{garden}/members/", {"user_ids": [4]})
    acting("Kyle", "/api/v1/chats/", {"room_id": garden, "message": "The new beds are dug. Who has seeds?"})
    acting("Kyle", f"/api/v1/rooms/{garden}/", {"name": "Kitchen garden"}, "PATCH")
    acting("Kyle", f"/api/v1/rooms/{garden}/members/", {"user_ids": [5]})
    acting("Bob", "/api/v1/chats/", {"room_id": garden, "message": "Beans and chard, from last year."})
    acting("Kyle", f"/api/v1/rooms/{garden}/members/5/", None, "DELETE")
    open_room(page, garden)
    expect(page.get_by_test_id("system-message").last).to_contain_text("Kyle removed Ed")
    states.record("system-messages")

    open_room(page, talk)
    asked = messages_of(page).filter(has_text="Then I tag it at noon")
    for name in ("Taylor", "Kyle"):
        acting(name, "/api/v1/read-marker/", None, "PUT")
    mine = messages_of(page).filter(has_text="The screenshots. I make them now.")
    mine.press("s")
    expect(page.get_by_test_id("reader")).to_have_count(2)
    page.mouse.move(640, 20)
    states.record("seen-by", "desktop", "phone")
    page.keyboard.press("Escape")
    number = asked.get_attribute("data-message-id")
    for text in (
        "Then I tag it at one. Anything else before that?",
        "Then I tag it at two. Anything else before that?",
    ):
        acting("Kyle", f"/api/v1/messages/{number}/", {"message": text}, "PATCH")
    edited = messages_of(page).filter(has_text="at two").get_by_test_id("edited")
    edited.click()
    expect(page.get_by_test_id("earlier-text")).to_have_count(2)
    page.mouse.move(640, 20)
    states.record("earlier-texts", "desktop", "phone")
    page.keyboard.press("Escape")
    page.get_by_test_id("composer-input").click()
    page.mouse.move(640, 20)

    # Who asks to join, and who is invited.
    acting("Adam", f"/api/v1/rooms/{talk}/", {"join_requests": True}, "PATCH")
    acting("Bob", f"/api/v1/rooms/{talk}/join-requests/", {"message": "I translate the notes."})
    acting("Adam", f"/api/v1/rooms/{talk}/invitations/", {"user_id": 5})
    expect(page.get_by_test_id("asking-mark")).to_be_visible()
    page.get_by_test_id("room-details").click()
    expect(page.get_by_test_id("join-request")).to_be_visible()
    expect(page.get_by_test_id("open-invitation")).to_be_visible()
    states.record("join-requests", "desktop", "phone")
    page.keyboard.press("Escape")
    harbour = acting("Taylor", "/api/v1/rooms/", {"name": "Harbour", "kind": "closed"})["id"]
    acting("Taylor", f"/api/v1/rooms/{harbour}/invitations/", {"user_id": 1})
    expect(page.get_by_test_id("invitation")).to_be_visible()
    states.record("invitations")

    slow = {"name": "Announcements", "kind": "closed", "members": [1], "slow_mode_seconds": 300}
    slowly = acting("Kyle", "/api/v1/rooms/", slow)["id"]
    acting(
        "Kyle", "/api/v1/chats/", {"room_id": slowly, "message": "Questions about the release? One in five minutes."}
    )
    open_room(page, slowly)
    page.get_by_test_id("composer-input").fill("When does it come?")
    page.get_by_test_id("send").click()
    page.get_by_test_id("composer-input").fill("And what changes?")
    expect(page.get_by_test_id("waiting")).to_be_visible()
    states.record("slow-mode")
    page.get_by_test_id("composer-input").fill("")

    old = acting("Adam", "/api/v1/rooms/", {"name": "Release 2.3", "kind": "closed", "members": [2]})["id"]
    acting("Kyle", "/api/v1/chats/", {"room_id": old, "message": "It is out. Thank you, all!"})
    acting("Adam", f"/api/v1/rooms/{old}/", None, "DELETE")
    page.get_by_test_id("archived-rooms").locator("summary").click()
    page.locator(f"[data-testid=archived-room][data-room-id='{old}']").click()
    expect(page.get_by_test_id("closed")).to_contain_text("archived")
    states.record("archived")
    assert complaints == []
    assert states.found == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("look", ["forced-colors", "rtl"])
def test_a_thread_can_be_read_in_the_colours_and_the_direction_of_the_reader(
    site: Service, chromium: Browser, talk: int, look: str
) -> None:
    forced: Any = "active" if look == "forced-colors" else "none"
    context = chromium.new_context(color_scheme="light", reduced_motion="reduce", forced_colors=forced)
    page, complaints = come_in(context, site.url, "Adam")
    if look == "rtl":
        page.evaluate("document.documentElement.dir = 'rtl'")
    states = States(page, look)
    open_room(page, talk)
    page.get_by_test_id("thread-line").click()
    expect(page.get_by_test_id("panel-log").get_by_text("translation")).to_be_visible()
    page.mouse.move(640, 20)
    page.get_by_test_id("thread-composer-input").blur()
    states.record("thread", "desktop")
    page.get_by_test_id("panel-close").click()
    mine = messages_of(page).filter(has_text="The screenshots. I make them now.")
    mine.press("Enter")
    expect(page.get_by_test_id("menu")).to_be_visible()
    states.record("menu")
    context.close()
    assert complaints == []
    assert states.found == []
