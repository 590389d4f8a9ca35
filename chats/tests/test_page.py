"""The page and a real EventSource, in a real Chromium, against servers that are really killed."""

import json
import re
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chatserver.tests.harness.page import come_in, expect_live, messages_of, sign_in
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

MESSAGES = "[data-testid=message-log] [data-message-id]"
COLLECT = """
(url) => {
    window.heard = [];
    window.source = new EventSource(url);
    for (const name of ["hello", "reset", "message.created"])
        window.source.addEventListener(name, (event) => window.heard.push([name, event.lastEventId, event.data]));
}
"""


@pytest.fixture(scope="module")
def second(start_shared_service: Callable[..., Service], site: Service) -> Service:
    """Another process of it, which stays when the first is killed."""
    return start_shared_service(beside=site)


def say(page: Page, text: str) -> None:
    page.locator("[data-testid=composer-input]").fill(text)
    page.locator("[data-testid=send]").click()


def texts(page: Page) -> str:
    return page.locator("[data-testid=message-log]").inner_text()


def test_two_people_chat(site: Service, context: BrowserContext, other_context: BrowserContext) -> None:
    adam, adams_complaints = come_in(context, site.url, "Adam")
    kyle, kyles_complaints = come_in(other_context, site.url, "Kyle")
    say(adam, "Lunch at twelve?")
    expect(kyle.get_by_text("Lunch at twelve?").last).to_be_visible()
    say(kyle, "Yes, and bring Taylor \N{FORK AND KNIFE}")
    expect(adam.get_by_text("Yes, and bring Taylor").last).to_be_visible()
    assert adams_complaints == []
    assert kyles_complaints == []


def test_two_tabs_share_one_stream_and_the_second_goes_on_without_the_first(
    site: Service, context: BrowserContext
) -> None:
    streams: list[str] = []
    context.on("request", lambda request: streams.append(request.url) if "/api/v1/stream" in request.url else None)
    first, complaints = come_in(context, site.url, "Taylor")
    second = context.new_page()
    second.goto(f"{site.url}/#/rooms/0")
    expect_live(second)
    (writer,) = site.people()
    writer.send_text("for both tabs")
    for page in (first, second):
        expect(page.get_by_test_id("message-log").get_by_text("for both tabs", exact=True)).to_be_visible()
    assert len(streams) == 1
    # While the first one closes, it may still hand on what its stream brings.
    with context.expect_event("request", lambda request: "/api/v1/stream" in request.url):
        first.close()
    writer.send_text("for the second tab")
    expect(second.get_by_test_id("message-log").get_by_text("for the second tab", exact=True)).to_be_visible()
    assert len(streams) == 2
    assert complaints == []


def test_a_message_is_edited_liked_and_deleted(
    site: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    adam, adams_complaints = come_in(context, site.url, "Adam")
    kyle, kyles_complaints = come_in(other_context, site.url, "Kyle")
    say(adam, "Tea at four")
    expect(kyle.get_by_text("Tea at four").last).to_be_visible()
    writing = adam.get_by_test_id("composer-input")
    writing.press("ArrowUp")
    expect(writing).to_have_value("Tea at four")
    writing.press("Escape")
    expect(writing).to_have_value("")
    mine = adam.get_by_test_id("message").filter(has_text="Tea at four").last
    mine.hover()
    mine.get_by_test_id("edit").click()
    expect(adam.get_by_test_id("editing")).to_be_visible()
    writing.fill("Tea at five")
    writing.press("Enter")
    for page in (adam, kyle):
        message = page.get_by_test_id("message").filter(has_text="Tea at five").last
        expect(message).to_contain_text("edited")
        expect(page.get_by_text("Tea at four")).to_have_count(0)
    expect(adam.get_by_test_id("editing")).to_be_hidden()
    expect(kyle.get_by_test_id("message").filter(has_text="Tea at five").get_by_test_id("edit")).to_have_count(0)
    theirs = kyle.get_by_test_id("message").filter(has_text="Tea at five").last
    theirs.hover()
    theirs.get_by_test_id("react").first.click()
    expect(theirs.get_by_test_id("reaction")).to_have_text("\N{THUMBS UP SIGN} 1")
    theirs.press("r")
    kyle.get_by_test_id("emoji-search").fill("tada")
    kyle.get_by_test_id("emoji-search").press("Enter")
    party = adam.locator("[data-emoji='\N{PARTY POPPER}']")
    expect(party).to_be_visible()
    theirs.locator("[data-emoji='\N{PARTY POPPER}']").click()
    expect(party).to_have_count(0)
    mine = adam.get_by_test_id("message").filter(has_text="Tea at five").last
    expect(mine.get_by_test_id("reaction")).to_have_text("\N{THUMBS UP SIGN} 1")
    mine.get_by_test_id("reaction").click()
    expect(theirs.get_by_test_id("reaction")).to_have_text("\N{THUMBS UP SIGN} 2")
    theirs.get_by_test_id("reaction").click()
    expect(mine.get_by_test_id("reaction")).to_have_text("\N{THUMBS UP SIGN} 1")
    mine.hover()
    mine.get_by_test_id("message-more").click()
    adam.get_by_test_id("menu").get_by_test_id("delete").click()
    adam.get_by_test_id("confirm").click()
    expect(kyle.get_by_text("Tea at five")).to_have_count(0)
    expect(kyle.get_by_test_id("message-log").get_by_test_id("message").last).to_contain_text(
        "This message was deleted"
    )
    assert adams_complaints == []
    assert kyles_complaints == []


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


def test_an_owner_runs_a_room(site: Service, context: BrowserContext, other_context: BrowserContext) -> None:
    adam, complaints = come_in(context, site.url, "Adam")
    kyle, kyles_complaints = come_in(other_context, site.url, "Kyle")
    adam.get_by_test_id("new-conversation").click()
    adam.get_by_test_id("tab-group").click()
    adam.get_by_test_id("group-name").fill("Harbour")
    adam.get_by_test_id("group-search").fill("kyl")
    adam.locator("#group-results").get_by_test_id("person-choice").click()
    adam.get_by_test_id("group-create").click()
    expect(adam.get_by_test_id("room-name")).to_have_text("Harbour")
    say(adam, "Moor at pier 4, @kyle and @nobody")
    expect(messages_of(adam).last.get_by_test_id("mention")).to_have_text("@kyle")
    messages_of(adam).last.press("p")
    harbour = kyle.locator("#rooms a").filter(has_text="Harbour")
    expect(harbour.get_by_test_id("unread-badge")).to_have_text("@ 1")
    harbour.click()
    expect(messages_of(kyle).last.locator("mark")).to_have_text("@kyle")
    kyle.get_by_test_id("room-pins").click()
    expect(kyle.get_by_test_id("panel-log")).to_contain_text("Moor at pier 4")
    adam.get_by_test_id("room-details").click()
    adam.get_by_test_id("member-more").click()
    adam.get_by_test_id("role-moderator").click()
    expect(adam.get_by_test_id("member-list")).to_contain_text("moderator")
    # A link for somebody else.
    adam.get_by_test_id("invite").click()
    expect(adam.get_by_test_id("invite-link")).to_have_value(re.compile("/invitations/"))
    link = adam.get_by_test_id("invite-link").input_value()
    adam.get_by_test_id("tab-settings").click()
    adam.get_by_test_id("settings-form").get_by_label("Name").fill("The harbour")
    adam.get_by_test_id("slow-mode").select_option("30")
    adam.get_by_label("New members see").select_option("from_joining")
    adam.get_by_test_id("settings-save").click()
    expect(kyle.get_by_test_id("room-name")).to_have_text("The harbour")
    expect(kyle.get_by_test_id("system-message")).to_contain_text("renamed the room to “The harbour”")
    expect(harbour.get_by_test_id("room-preview")).to_contain_text("renamed the room")
    expect(harbour.get_by_test_id("unread-badge")).to_have_count(0)
    # A moderator may do less, and whom one blocks is not read.
    kyle.get_by_test_id("room-details").click()
    kyle.get_by_test_id("tab-settings").click()
    expect(kyle.get_by_test_id("slow-mode")).to_have_value("30")
    expect(kyle.get_by_test_id("archive-room")).to_be_hidden()
    expect(kyle.get_by_label("Who may pin")).to_be_disabled()
    kyle.get_by_test_id("tab-members").click()
    kyle.get_by_test_id("member-more").click()
    kyle.get_by_test_id("block").click()
    kyle.get_by_test_id("confirm").click()
    kyle.keyboard.press("Escape")
    expect(kyle.get_by_test_id("message-log").get_by_test_id("message")).to_contain_text("you block them")
    kyle.get_by_test_id("own-settings").click()
    kyle.get_by_test_id("own-unblock").click()
    expect(kyle.get_by_test_id("own-blocks")).to_have_text("Nobody.")
    kyle.keyboard.press("Escape")
    expect(kyle.get_by_test_id("message-log").get_by_test_id("message")).to_contain_text("Moor at pier 4")
    # Who comes by the link, joins.
    other_context.clear_cookies()
    bob = other_context.new_page()
    bob.goto(link)
    bob.locator("[data-testid=demo-sign-in][data-username=Bob]").click()
    bob.get_by_test_id("confirm").click()
    expect(bob.get_by_test_id("room-name")).to_have_text("The harbour")
    expect(bob.get_by_test_id("system-message").last).to_contain_text("You joined")
    expect(adam.get_by_test_id("system-message").last).to_contain_text("Bob")
    # The room shows its messages from joining on.
    say(bob, "Here I am")
    expect(messages_of(bob).last).to_contain_text("Here I am")
    expect(bob.get_by_test_id("message-log")).not_to_contain_text("Moor at pier 4")
    assert complaints == []
    assert kyles_complaints == []


def test_a_hostile_text_stays_a_text(site: Service, context: BrowserContext, other_context: BrowserContext) -> None:
    adam, complaints = come_in(context, site.url, "Bob")
    kyle, _ = come_in(other_context, site.url, "Ed")
    hostile = "<img src=x onerror=alert(1)><script>document.title='hacked'</script> \N{RIGHT-TO-LEFT OVERRIDE}data: x"
    say(adam, hostile)
    expect(kyle.get_by_text("<img src=x onerror=alert(1)>").last).to_be_visible()
    assert kyle.locator("[data-testid=message-log] script, [data-testid=message-log] img[src=x]").count() == 0
    assert "hacked" not in kyle.title()
    say(adam, "**bold** [a](javascript:alert(1)) [docs](https://a.example/d)\n```\n**code**\n```")
    said = messages_of(kyle).last
    expect(said.locator("strong")).to_have_text("bold")
    expect(said.locator("pre")).to_have_text("**code**")
    expect(said.get_by_role("link")).to_have_attribute("href", "https://a.example/d")
    expect(said.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert complaints == []


def test_the_page_misses_nothing_when_the_server_is_killed(
    site: Service, second: Service, context: BrowserContext
) -> None:
    page, _ = come_in(context, site.url, "Taylor")
    (writer,) = second.people()
    writer.send_text("before the crash")
    expect(page.get_by_test_id("message-log").get_by_text("before the crash")).to_be_visible()
    site.kill()
    expect(page.locator("[data-testid=connection-state]")).not_to_have_attribute("data-state", "live")
    writer.send_text("during the crash")
    site.start()
    expect(page.locator("[data-testid=connection-state]")).to_have_attribute("data-state", "live", timeout=30_000)
    writer.send_text("after the crash")
    expect(page.get_by_test_id("message-log").get_by_text("after the crash")).to_be_visible()
    shown = texts(page)
    order = [shown.index(f"{when} the crash") for when in ("before", "during", "after")]
    assert order == sorted(order)
    assert [shown.count(f"{when} the crash") for when in ("before", "during", "after")] == [1, 1, 1]
    seqs = [int(seq) for seq in page.locator("[data-seq]").evaluate_all("all => all.map((one) => one.dataset.seq)")]
    assert seqs == sorted(set(seqs))


def test_a_real_event_source_resumes_without_loss(site: Service, second: Service, context: BrowserContext) -> None:
    reader, writer = second.people(2)
    room = writer.make_room(reader)
    page = context.new_page()
    page.goto(f"{site.url}/healthz")
    page.set_extra_http_headers({"Authorization": f"Bearer {reader.token}"})
    page.evaluate(COLLECT, f"{site.url}/api/v1/stream")
    wait_for(lambda: page.evaluate("window.heard.length"), what="hello")
    for number in range(6):
        if number in {2, 4}:
            site.kill()
        writer.send_text(f"message {number}", room)
        if number in {3, 5}:
            site.start()
            page.wait_for_function(f"window.heard.filter(([name]) => name === 'hello').length > {number // 2}")
    page.wait_for_function("window.heard.some(([name, id, data]) => data.includes('message 5'))", timeout=30_000)
    heard = page.evaluate("window.heard")
    messages = [(int(id_), json.loads(data)) for name, id_, data in heard if name == "message.created"]
    assert [body["data"]["message"] for _, body in messages] == [f"message {number}" for number in range(6)]
    assert [id_ for id_, _ in messages] == [body["position"] for _, body in messages]
    assert [json.loads(data)["resumed"] for name, _, data in heard if name == "hello"] == [False, True, True]
    assert not any(name == "reset" for name, _, _ in heard)


def test_a_draft_outlives_a_reload(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Ed")
    page.get_by_test_id("composer-input").fill("not yet sent")
    page.reload()
    expect(page.get_by_test_id("composer-input")).to_have_value("not yet sent")


@pytest.mark.parametrize("key", [{"isComposing": True}, {"keyCode": 229}])
def test_enter_that_ends_a_composition_sends_nothing(
    site: Service, context: BrowserContext, key: dict[str, object]
) -> None:
    page = sign_in(context, site, "Kyle")
    composer = page.get_by_test_id("composer-input")
    composer.fill("half a w")
    composer.dispatch_event("keydown", {"key": "Enter", **key})
    expect(composer).to_have_value("half a w")
    composer.press("Enter")
    expect(composer).to_have_value("")


def test_the_send_key_of_a_phone_sends(site: Service, chromium: Browser) -> None:
    phone = chromium.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    page = sign_in(phone, site, "Taylor")
    composer = page.get_by_test_id("composer-input")
    composer.fill("from a phone")
    composer.evaluate("(input) => input.dispatchEvent(new InputEvent('beforeinput', {inputType: 'insertLineBreak'}))")
    expect(composer).to_have_value("")
    expect(messages_of(page).last).to_contain_text("from a phone")
    phone.close()
