"""Each state of the page: axe finds nothing, and the browser does not complain.

`PAGE_IMAGES=docs/images .venv/bin/python -m pytest chats/tests/test_page_states*.py` makes those of the docs, and
`.venv/bin/python -m chatserver.tests.harness.pictures docs/images` makes them small.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from chatserver.tests.harness.page import complaints_of, expect_live
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.states import States

# axe takes seconds; names and roles are the same in both schemes.
CHECKED = {
    "light": {"sign-in", "rooms", "thread", "members", "own-settings", "new-conversation"},
    "dark": {"room", "menu", "emoji", "switcher", "room-settings", "offline"},
}
# Of the others, the light ones show as much.
DARK = {"room", "thread", "menu"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_state_can_be_read_and_used_by_everybody(
    site: Service, chromium: Browser, acting: Callable[..., Any], talk: int, scheme: Any
) -> None:
    # What fades in has other colours for a moment.
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    complaints = complaints_of(page)
    states = States(page, scheme, CHECKED[scheme], None if scheme == "light" else DARK)
    page.goto(f"{site.url}/")
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    states.record("sign-in", "desktop", "phone")
    page.locator("[data-testid=demo-sign-in][data-username=Adam]").click()
    expect_live(page)
    states.record("rooms", "phone", "desktop")

    page.locator(f"#rooms [data-room-id='{talk}']").click()
    line = page.get_by_test_id("thread-line")
    expect(line).to_be_visible()
    page.get_by_test_id("composer-input").blur()
    states.record("room", "desktop", "tablet", "phone")
    page.get_by_test_id("composer-input").fill("Thanks @")
    expect(page.get_by_test_id("completion").first).to_be_visible()
    states.record("mention")
    page.get_by_test_id("composer-input").fill("")
    message = page.get_by_test_id("message").nth(2)
    message.hover()
    message.get_by_test_id("message-more").click()
    states.record("menu", "desktop", "phone")
    page.keyboard.press("Escape")
    message.hover()
    message.get_by_test_id("pick-reaction").click()
    expect(page.get_by_test_id("emoji-picker")).to_be_visible()
    states.record("emoji", "desktop", "phone")
    page.keyboard.press("Escape")
    line.click()
    page.mouse.move(640, 20)
    expect(page.get_by_test_id("panel-log").get_by_text("translation")).to_be_visible()
    states.record("thread", "desktop", "tablet", "phone")
    page.get_by_test_id("panel-close").click()
    page.get_by_test_id("room-pins").click()
    expect(page.get_by_test_id("panel-log").get_by_test_id("message")).to_have_count(1)
    states.record("pins")
    page.get_by_test_id("panel-close").click()

    page.keyboard.press("Control+k")
    states.record("switcher")
    page.keyboard.press("Escape")
    page.get_by_test_id("room-details").click()
    expect(page.get_by_test_id("person-choice").first).to_be_visible()
    states.record("members")
    page.get_by_test_id("tab-settings").click()
    states.record("room-settings", "desktop", "phone")
    page.keyboard.press("Escape")
    page.get_by_test_id("own-settings").click()
    expect(page.get_by_test_id("own-blocks")).to_contain_text("Nobody")
    states.record("own-settings")
    page.keyboard.press("Escape")
    page.get_by_test_id("new-conversation").click()
    expect(page.get_by_test_id("person-choice").first).to_be_visible()
    states.record("new-conversation")
    page.keyboard.press("Escape")
    empty = acting("Adam", "/api/v1/rooms/", {"name": "Ideas", "kind": "open"})["id"]
    page.locator(f"#rooms [data-room-id='{empty}']").click()
    expect(page.get_by_text("This is the beginning of Ideas")).to_be_visible()
    states.record("empty-room")
    assert complaints == []

    page.set_viewport_size({"width": 390, "height": 800})
    context.set_offline(True)
    page.get_by_test_id("composer-input").fill("sent later")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("pending-message")).to_be_visible()
    expect(page.get_by_test_id("connection-banner")).to_be_visible()
    states.record("offline", "phone")
    context.close()
    acting("Adam", f"/api/v1/rooms/{empty}/", None, "DELETE")
    assert states.found == []
