"""Who is led to the pinned messages of a room, on the page in a real Chromium."""

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import come_in, messages_of, open_room, room_of
from chatserver.tests.harness.service import Service


def test_where_nothing_is_pinned_only_those_who_may_pin_have_the_link(site: Service, context: BrowserContext) -> None:
    room, founder = room_of(site, "Taylor", "member", pinning="moderators")
    taylor, complaints = come_in(context, site.url, "Taylor", room)
    link = taylor.get_by_test_id("room-pins")
    expect(link).to_be_hidden()
    open_room(taylor, 0)
    expect(link).to_be_hidden()
    open_room(taylor, room)
    first = founder.get(f"/api/v1/rooms/{room}/messages/").json()["results"][0]["id"]
    assert founder.put(f"/api/v1/messages/{first}/pin/").status_code in {200, 201, 204}
    expect(link).to_be_visible()
    taylor.reload()
    expect(link).to_be_visible()
    assert founder.delete(f"/api/v1/messages/{first}/pin/").status_code in {200, 204}
    taylor.reload()
    expect(messages_of(taylor).last).to_be_visible()
    expect(link).to_be_hidden()
    assert founder.patch(f"/api/v1/rooms/{room}/", json={"pinning": "everyone"}).status_code == 200
    expect(link).to_be_visible()
    link.click()
    expect(taylor.locator("#panel-empty")).to_contain_text("Pin a message by its menu")
    assert complaints == []
