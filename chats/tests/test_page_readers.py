"""Who has read a message, on the page in a real Chromium."""

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import come_in, id_of, messages_of, room_of
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

MOST_MEMBERS = 100


def test_the_menu_of_a_message_says_who_has_read_it(
    site: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    room, founder = room_of(site, "Kyle")
    adam_id = id_of(founder, "Adam")
    founder.post(f"/api/v1/rooms/{room}/members/", json={"user_id": adam_id})
    kyle, complaints = come_in(context, site.url, "Kyle", room)
    kyle.get_by_test_id("composer-input").fill("Who reads this?")
    kyle.get_by_test_id("send").click()
    mine = messages_of(kyle).filter(has_text="Who reads this?")
    expect(mine).to_be_visible()
    mine.hover()
    mine.get_by_test_id("message-more").click()
    kyle.get_by_test_id("see-readers").click()
    popup = kyle.get_by_role("dialog", name="Seen by")
    expect(popup).to_contain_text("Nobody has read it yet.")
    expect(popup).to_be_focused()
    kyle.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(mine).to_be_focused()
    come_in(other_context, site.url, "Adam", room)
    path = f"/api/v1/messages/{mine.get_attribute('data-message-id')}/readers/"
    wait_for(lambda: founder.get(path).json()["results"], what="that Adam has read it")
    mine.press("s")
    expect(popup.get_by_test_id("reader")).to_have_text(["AAdam"])
    kyle.keyboard.press("Tab")
    expect(popup).to_have_count(0)
    expect(mine).to_be_focused()
    assert complaints == []


def test_a_large_room_and_what_it_says_itself_have_no_readers(site: Service, context: BrowserContext) -> None:
    room, founder = room_of(site, "Kyle")
    others = [person.id for person in site.people(MOST_MEMBERS - 2)]
    assert founder.post(f"/api/v1/rooms/{room}/members/", json={"user_ids": others}).status_code in {200, 201}
    kyle, _ = come_in(context, site.url, "Kyle", room)
    first = messages_of(kyle).filter(has_text="A first message")
    first.hover()
    first.get_by_test_id("message-more").click()
    expect(kyle.get_by_test_id("see-readers")).to_be_visible()
    kyle.keyboard.press("Escape")
    said = kyle.get_by_test_id("system-message").last
    said.hover()
    said.get_by_test_id("message-more").click()
    expect(kyle.get_by_test_id("copy-link")).to_be_visible()
    expect(kyle.get_by_test_id("see-readers")).to_have_count(0)
    kyle.keyboard.press("Escape")
    (one_more,) = site.people()
    founder.post(f"/api/v1/rooms/{room}/members/", json={"user_id": one_more.id})
    expect(kyle.locator("#room-about")).to_contain_text("101 members", timeout=10_000)
    first.press("Enter")
    expect(kyle.get_by_test_id("copy-link")).to_be_visible()
    expect(kyle.get_by_test_id("see-readers")).to_have_count(0)
