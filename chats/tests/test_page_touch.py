"""The page under a finger, and at widths between a phone and a desktop, in a real Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from chatserver.tests.harness.page import messages_of, room_for, sign_in
from chatserver.tests.harness.service import Service


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    yield opened
    opened.close()


def press_long(page: Page, place: Locator) -> None:
    """With a finger, until the menu is there; then it is lifted."""
    box = place.bounding_box()
    assert box
    fingers = page.context.new_cdp_session(page)
    point = {"x": box["x"] + 20, "y": box["y"] + 20}
    fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(page.get_by_test_id("menu")).to_be_visible()
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_finger_that_opened_a_menu_chooses_nothing_there(site: Service, phone: BrowserContext) -> None:
    room, _ = room_for(site, "Kyle", 12)
    kyle = sign_in(phone, site, "Kyle", room)
    kyle.evaluate("addEventListener('click', () => (window.clicks = (window.clicks ?? 0) + 1))")
    press_long(kyle, messages_of(kyle).last.locator(".bubble"))
    kyle.wait_for_timeout(200)
    expect(kyle.get_by_test_id("menu")).to_be_visible()
    assert kyle.evaluate("window.clicks") is None
    # The next one does.
    kyle.get_by_test_id("menu-react").first.tap()
    expect(messages_of(kyle).last.get_by_test_id("reaction")).to_be_visible()


def test_emoji_open_without_a_keyboard(site: Service, phone: BrowserContext) -> None:
    room, _ = room_for(site, "Kyle")
    kyle = sign_in(phone, site, "Kyle", room)
    kyle.get_by_test_id("pick-emoji").tap()
    expect(kyle.get_by_test_id("emoji-picker")).to_be_focused()
    kyle.get_by_test_id("emoji-search").tap()
    expect(kyle.get_by_test_id("emoji-search")).to_be_focused()
