"""Lists that one chooses from, where an answer is late, on the page in a real Chromium."""

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import hold, open_room, room_for, sign_in, wait_for_frames
from chatserver.tests.harness.service import Service


def test_members_of_a_room_that_come_late_are_not_shown_as_those_of_the_next_one(
    site: Service, context: BrowserContext
) -> None:
    first, _ = room_for(site, "Ed")
    second, writer = room_for(site, "Ed")
    page = sign_in(context, site, "Ed", first)
    held = hold(page, f"**/rooms/{first}/members/?*")
    with page.expect_request(f"**/rooms/{first}/members/?*"):
        page.get_by_test_id("room-details").click()
    page.keyboard.press("Escape")
    open_room(page, second)
    page.get_by_test_id("room-details").click()
    expect(page.locator("#details-members")).to_contain_text(writer.name)
    with page.expect_response(f"**/rooms/{first}/members/?*"):
        held[0].continue_()
    wait_for_frames(page)
    expect(page.locator("#details-members")).to_contain_text(writer.name)


def test_enter_chooses_whom_one_typed_and_not_whom_the_list_had_before(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Ed")
    page.get_by_test_id("new-conversation").click()
    expect(page.locator("#person-results button").first).to_be_visible()
    page.locator("#person-search").press_sequentially("Taylor")
    page.keyboard.press("Enter")
    expect(page.locator("#room-name")).to_have_text("Taylor")


def test_the_switcher_offers_nobody_who_was_found_for_other_letters(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Ed")
    page.keyboard.press("Control+k")
    page.keyboard.type("kyl")
    options = page.get_by_test_id("switcher-option")
    expect(options.filter(has_text="Kyle")).to_be_visible()
    hold(page, "**/api/v1/users/?*")
    page.get_by_test_id("switcher-search").fill("tay")
    expect(options.filter(has_text="Kyle")).to_have_count(0)
