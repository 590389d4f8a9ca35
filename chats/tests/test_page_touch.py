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
    kyle.wait_for_timeout(200)  # the click would come by then; that it does not come can only be waited out
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


@pytest.mark.parametrize("width", [390, 820])
def test_a_thread_takes_the_place_of_the_conversation(site: Service, context: BrowserContext, width: int) -> None:
    room, writer = room_for(site, "Kyle")
    root = writer.send_text("What shall we eat?", room)
    writer.send_text("Soup", room, parent_id=root["id"])
    page = sign_in(context, site, "Kyle", room)
    page.set_viewport_size({"width": width, "height": 800})
    conversation = page.locator("#open").bounding_box()
    page.get_by_test_id("thread-line").click()
    panel = page.get_by_test_id("panel")
    expect(panel).to_be_visible()
    assert panel.bounding_box() == conversation


def test_a_tab_moves_no_dialog(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Adam")
    page.get_by_test_id("new-conversation").click()
    dialog = page.get_by_test_id("new-dialog")
    tops = set()
    for tab in ("tab-person", "tab-group", "tab-browse"):
        page.get_by_test_id(tab).click()
        box = dialog.bounding_box()
        assert box
        tops.add(box["y"])
    assert len(tops) == 1


def test_rooms_stay_in_their_place_when_somebody_comes(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Kyle")
    kyle = sign_in(context, site, "Kyle", room)
    first = kyle.locator("#rooms a").first
    tops = []
    for hidden in ("true", "false"):
        kyle.locator("#online-section").evaluate(f"(section) => (section.hidden = {hidden})")
        tops.append(first.bounding_box())
    assert tops[0] == tops[1]
