"""People reply in threads on the page, in a real Chromium."""

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import come_in, messages_of, room_for, say, sign_in
from chatserver.tests.harness.service import Service


def test_people_reply_in_a_thread(site: Service, context: BrowserContext, other_context: BrowserContext) -> None:
    adam, complaints = come_in(context, site.url, "Adam")
    kyle, _ = come_in(other_context, site.url, "Kyle")
    say(adam, "Who brings the cake?")
    asked = messages_of(kyle).filter(has_text="Who brings the cake?").last
    asked.press("t")
    reply = kyle.get_by_test_id("thread-composer-input")
    reply.fill("I do")
    reply.press("Enter")
    line = messages_of(adam).filter(has_text="Who brings the cake?").last.get_by_test_id("thread-line")
    expect(line).to_contain_text("1 reply")
    assert adam.get_by_test_id("message-log").get_by_text("I do").count() == 0
    line.click()
    panel = adam.get_by_test_id("panel-log")
    expect(panel.get_by_text("I do")).to_be_visible()
    expect(kyle.get_by_test_id("thread-follow")).to_have_attribute("aria-label", "Stop following this thread")
    reply.fill("With cherries")
    reply.press("Enter")
    expect(panel.get_by_text("With cherries")).to_be_visible()
    expect(line).to_contain_text("2 replies")
    # Its link opens it in the thread; the arrow edits it.
    reply.press("ArrowUp")
    reply.fill("With plums")
    reply.press("Enter")
    edited = panel.get_by_test_id("message").filter(has_text="With plums")
    expect(edited).to_be_visible()
    number = edited.get_attribute("data-message-id")
    adam.get_by_test_id("panel-close").click()
    expect(panel).to_be_hidden()
    reply.fill("And cream")
    reply.press("Enter")
    expect(adam.get_by_test_id("threads-unread")).to_be_visible()
    adam.get_by_test_id("open-threads").click()
    adam.get_by_test_id("my-thread").filter(has_text="Who brings the cake?").first.click()
    expect(panel.get_by_text("And cream")).to_be_visible()
    expect(adam.get_by_test_id("threads-unread")).to_be_hidden()
    adam.get_by_test_id("panel-close").click()
    adam.goto(f"{site.url}/#/rooms/0/messages/{number}")
    expect(edited).to_be_visible()
    assert complaints == []


def test_a_thread_opens_as_soon_as_the_network_is_back(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Ed")
    root = writer.send_text("The root", room)
    page = sign_in(context, site, "Ed", room)
    context.set_offline(True)
    page.evaluate(f"location.hash = '#/rooms/{room}/threads/{root['id']}'")
    expect(page.locator("#panel-empty")).to_have_text("The server can't be reached.")
    context.set_offline(False)
    expect(page.locator("#panel-log")).to_contain_text("The root", timeout=10_000)


def test_a_link_to_a_thread_leads_to_its_own_room(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Ed")
    root = writer.send_text("The root", room)
    page = sign_in(context, site, "Ed")
    page.evaluate(f"location.hash = '#/rooms/0/threads/{root['id']}'")
    expect(page.locator("#room-name")).to_have_text("Long")
    expect(page.locator("#panel-log")).to_contain_text("The root")
