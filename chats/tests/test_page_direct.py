"""A direct conversation that has not begun, on the page in a real Chromium."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from chatserver.tests.harness.page import hold, messages_of, say, sign_in
from chatserver.tests.harness.service import Client, Service


def open_person(page: Page, person: Client) -> int:
    """Go to where a conversation with them begins. Returns who is signed in."""
    page.evaluate(f"location.hash = '#/people/{person.id}'")
    expect(page.locator("#room-name")).to_have_text(person.name)
    return page.evaluate("import('/static/chats/chat.js').then(({ chat }) => chat.store.me.id)")


def expect_room_with_draft(page: Page, text: str) -> None:
    expect(messages_of(page).last).to_contain_text(text)
    expect(page.get_by_test_id("composer-input")).to_have_value("half a")


@pytest.mark.parametrize("is_open", [True, False])
def test_what_the_other_one_writes_first_is_shown(site: Service, context: BrowserContext, *, is_open: bool) -> None:
    (other,) = site.people()
    page = sign_in(context, site, "Ed")
    me = open_person(page, other)
    page.get_by_test_id("composer-input").fill("half a")
    if not is_open:
        page.evaluate("location.hash = '#/'")
        expect(page.locator("#nothing")).to_be_visible()
    assert other.post("/api/v1/chats/", json={"user_id": me, "message": "You there?"}).status_code == 201
    if not is_open:
        # As a link in an older message leads there.
        expect(page.locator("#rooms")).to_contain_text("You there?")
        page.evaluate(f"location.hash = '#/people/{other.id}'")
    expect_room_with_draft(page, "You there?")


def test_what_one_writes_while_the_first_message_is_sent_stays(site: Service, context: BrowserContext) -> None:
    (other,) = site.people()
    page = sign_in(context, site, "Ed")
    open_person(page, other)
    held = hold(page, "**/api/v1/chats/")
    say(page, "Hello")
    page.get_by_test_id("composer-input").fill("half a")
    expect(page.get_by_test_id("pending-message")).to_be_visible()
    held[0].continue_()
    expect_room_with_draft(page, "Hello")
