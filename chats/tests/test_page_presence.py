"""Who is there, who is away and who types, on the page in a real Chromium."""

import re
from contextlib import closing

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import come_in, messages_of, say, sign_in
from chatserver.tests.harness.service import Service


def test_who_types_is_shown_in_the_room_and_in_the_thread(
    site: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    adam, complaints = come_in(context, site.url, "Adam")
    kyle, _ = come_in(other_context, site.url, "Kyle")
    say(adam, "Who opens the windows?")
    expect(messages_of(kyle).filter(has_text="Who opens the windows?").last).to_be_visible()
    kyle.get_by_test_id("composer-input").press_sequentially("I")
    expect(adam.get_by_test_id("typing")).to_have_text("Kyle is typing…")
    kyle.get_by_test_id("composer-input").fill("")
    expect(adam.get_by_test_id("typing")).to_be_empty()
    # A message ends the pause in which nothing is announced again.
    say(kyle, "I do.")
    expect(messages_of(adam).last).to_contain_text("I do.")
    kyle.get_by_test_id("composer-input").press_sequentially("A")
    expect(adam.get_by_test_id("typing")).to_have_text("Kyle is typing…", timeout=2_000)
    kyle.get_by_test_id("composer-input").fill("")
    for page in (adam, kyle):
        root = messages_of(page).filter(has_text="Who opens the windows?").last
        page.goto(f"{site.url}/#/rooms/0/threads/{root.get_attribute('data-message-id')}")
        expect(page.get_by_test_id("thread-composer-input")).to_be_focused()
    kyle.get_by_test_id("thread-composer-input").press_sequentially("Me")
    expect(adam.get_by_test_id("thread-typing")).to_have_text("Kyle is typing…")
    expect(adam.get_by_test_id("typing")).to_be_empty()
    kyle.get_by_test_id("thread-send").click()
    expect(adam.get_by_test_id("thread-typing")).to_be_empty(timeout=5_000)
    assert complaints == []


def test_people_see_who_is_there_unless_they_appear_offline(
    site: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    adam, complaints = come_in(context, site.url, "Adam")
    kyle, kyles_complaints = come_in(other_context, site.url, "Kyle")
    kyles_id = kyle.evaluate("async () => (await import('/static/chats/chat.js')).chat.store.me.id")
    adam.goto(f"{site.url}/#/people/{kyles_id}")
    say(adam, "Are you there?")
    about = adam.locator("#room-about")
    expect(about).to_have_text("Online", timeout=10_000)
    kyle.get_by_test_id("own-settings").click()
    kyle.get_by_test_id("own-invisible").check()
    expect(about).to_have_text("Offline", timeout=10_000)
    kyle.get_by_test_id("own-invisible").uncheck()
    expect(about).to_have_text("Online", timeout=10_000)
    kyle.reload()
    kyle.get_by_test_id("own-settings").click()
    expect(kyle.get_by_test_id("own-invisible")).not_to_be_checked()
    assert complaints == kyles_complaints == []


def test_who_does_nothing_is_away(site: Service, context: BrowserContext) -> None:
    adam, complaints = come_in(context, site.url, "Adam")
    (other,) = site.people()
    me = adam.evaluate("async () => (await import('/static/chats/chat.js')).chat.store.me.id")
    room = other.post("/api/v1/chats/", json={"user_id": me, "message": "Hello"}).json()["room_id"]
    entry, about = adam.locator(f"#rooms [data-room-id='{room}']"), adam.locator("#room-about")
    entry.click()
    expect(about).to_have_text("Offline")
    with closing(other.listen()):
        expect(about).to_have_text("Online", timeout=15_000)
        for is_idle, status in ((True, "Away"), (False, "Online")):
            other.post("/api/v1/users/me/activity/", json={"idle": is_idle})
            expect(about).to_have_text(status, timeout=15_000)
            expect(entry).to_have_accessible_name(re.compile(f"{other.name} ?, {status.lower()}"))
            expect(entry.locator(".dot")).to_have_attribute("data-status", status.lower())
    assert complaints == []


def test_notifications_that_were_declined_can_still_be_turned_on(site: Service, context: BrowserContext) -> None:
    context.add_init_script(
        "window.Notification = class { static permission = 'default';"
        " static async requestPermission() { return (Notification.permission = 'granted'); } };"
    )
    page = sign_in(context, site, "Adam")
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_test_id("notify")).to_be_hidden()
    page.get_by_test_id("own-settings").click()
    turn_on = page.get_by_test_id("own-notify-on")
    turn_on.click()
    expect(turn_on).to_be_hidden()
    expect(page.get_by_test_id("own-dialog")).to_contain_text("Your browser tells you of new messages")
