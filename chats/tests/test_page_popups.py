"""Menus and what else floats above the page, in a real Chromium."""

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import id_of, open_room, room_for, room_of, sign_in
from chatserver.tests.harness.service import Service


def test_a_button_closes_the_menu_that_it_opened(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Ed")
    menu = page.get_by_test_id("menu")
    for count in (1, 0, 1):
        page.locator("#room-bell").click()
        expect(menu).to_have_count(count)


def test_a_menu_closes_when_one_goes_to_another_room(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Ed")
    page = sign_in(context, site, "Ed")
    open_room(page, room)
    page.locator("#room-bell").click()
    expect(page.get_by_test_id("menu")).to_be_visible()
    page.go_back()
    expect(page.get_by_test_id("menu")).to_have_count(0)


def test_the_details_of_a_room_close_when_one_is_removed_from_it(site: Service, context: BrowserContext) -> None:
    room, founder = room_of(site, "Ed", role="member")
    page = sign_in(context, site, "Ed", room)
    page.get_by_test_id("room-details").click()
    expect(page.get_by_test_id("member-list")).to_contain_text("Ed")
    assert founder.delete(f"/api/v1/rooms/{room}/members/{id_of(founder, 'Ed')}/").status_code == 204
    expect(page.get_by_test_id("details-dialog")).to_be_hidden()
    expect(page.locator(f"#rooms [data-room-id='{room}']")).to_have_count(0)
