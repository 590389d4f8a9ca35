"""Answers that come late, or never, on the page in a real Chromium."""

from playwright.sync_api import BrowserContext, Route, expect

from chatserver.tests.harness.page import hold, messages_of, open_room, room_for, sign_in, wait_for_frames
from chatserver.tests.harness.service import Service

NOBODY = 999_999


def test_a_person_who_is_not_found_closes_no_room(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Ed")
    page = sign_in(context, site, "Ed")
    address = f"**/api/v1/users/{NOBODY}/"
    held = hold(page, address)
    with page.expect_request(address):
        page.evaluate(f"location.hash = '#/people/{NOBODY}'")
    open_room(page, room)
    with page.expect_response(address):
        held[0].continue_()
    wait_for_frames(page)
    expect(page.locator("#room-name")).to_have_text("Long")
    assert page.url.endswith(f"#/rooms/{room}")


def test_a_message_that_is_marked_as_unread_makes_nothing_new_in_the_next_room(
    site: Service, context: BrowserContext
) -> None:
    first, _ = room_for(site, "Ed", 3)
    second, _ = room_for(site, "Ed", 3)
    page = sign_in(context, site, "Ed", second)
    open_room(page, first)
    address = f"**/api/v1/rooms/{first}/read-marker/"
    held = hold(page, address)
    with page.expect_request(lambda request: "unread_from" in (request.post_data or "")):
        messages_of(page).nth(1).press("u")
    open_room(page, second)
    with page.expect_response(address):
        next(route for route in held if "unread_from" in (route.request.post_data or "")).continue_()
    wait_for_frames(page)
    expect(page.get_by_test_id("new-line")).to_have_count(0)


def test_a_message_that_could_not_be_marked_as_unread_keeps_no_later_one_unread(
    site: Service, context: BrowserContext
) -> None:
    def refuse_unread(route: Route) -> None:
        if "unread_from" in (route.request.post_data or ""):
            route.abort()
        else:
            route.continue_()

    room, writer = room_for(site, "Ed", 3)
    page = sign_in(context, site, "Ed", room)
    page.route("**/read-marker/", refuse_unread)
    messages_of(page).nth(1).press("u")
    expect(page.get_by_test_id("toast")).to_be_visible()
    writer.send_text("a later one", room)
    expect(messages_of(page).last).to_contain_text("a later one")
    expect(page.locator(f"#rooms [data-room-id='{room}']")).to_have_attribute("data-unread", "0")
