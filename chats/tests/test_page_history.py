"""The page with long histories and bad connections, in a real Chromium."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from chatserver.tests.harness.page import messages_of, open_room, room_for, say, sign_in
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

# What the page keeps in the document, and a few lines between days.
MOST_ITEMS = 410
BURST = 200
NOTIFICATION = """
window.told = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = "granted"); }
  constructor(title, { body }) { window.told.push([title, body]); }
};
"""


def below(page: Page) -> int:
    """How many pixels of the history are below what is shown."""
    return page.locator("#scroller").evaluate("(box) => box.scrollHeight - box.scrollTop - box.clientHeight")


def test_a_long_room_opens_at_its_end(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Adam", 70)
    page = sign_in(context, site, "Adam", room)
    expect(messages_of(page).last).to_contain_text("text 69")
    wait_for(lambda: below(page) <= 1, what="the end of the room")


def test_a_burst_is_followed_and_the_document_stays_small(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Bob", 250)
    page = sign_in(context, site, "Bob", room)
    for number in range(BURST):
        writer.send_text(f"burst {number}", room)
    expect(messages_of(page).last).to_contain_text(f"burst {BURST - 1}")
    wait_for(lambda: below(page) <= 1, what="the end of the room")
    assert page.locator("#log > li").count() <= MOST_ITEMS


def test_one_who_reads_above_keeps_their_place(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Kyle", 500)
    page = sign_in(context, site, "Kyle", room)
    scroller = page.locator("#scroller")
    wanted = page.get_by_text("text 30", exact=True)
    wait_for(lambda: scroller.evaluate("(box) => { box.scrollTop = 0 }") or wanted.count(), what="an old message")
    assert page.locator("#log > li").count() <= MOST_ITEMS
    wanted.scroll_into_view_if_needed()
    place = wanted.bounding_box()
    for number in range(20):
        writer.send_text(f"meanwhile {number}", room)
    expect(page.get_by_test_id("new-messages")).to_have_text("20 new messages \N{DOWNWARDS ARROW}")
    assert wanted.bounding_box() == place
    page.get_by_test_id("new-messages").click()
    expect(messages_of(page).last).to_contain_text("meanwhile 19")
    wait_for(lambda: below(page) <= 1, what="the end of the room")


def test_older_messages_come_without_moving_what_is_read(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Kyle", 200)
    page = sign_in(context, site, "Kyle", room)
    oldest = messages_of(page).first
    # The line of the day is above it, and it has a name, which it loses as soon as the one before it is there.
    text, place = page.locator("#scroller").evaluate("""(box) => {
        box.scrollTop = 0;
        const text = box.querySelector("[data-seq] [data-testid=message-text] p > span");
        return [text.textContent, text.getBoundingClientRect().y];
    }""")
    expect(oldest).not_to_contain_text(text)
    now = page.get_by_text(text, exact=True).bounding_box()
    assert now is not None
    assert abs(now["y"] - place) <= 1


def test_the_toolbar_follows_the_pointer_and_not_the_scrolling(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Kyle", 60)
    page = sign_in(context, site, "Kyle", room)
    last = messages_of(page).last
    last.get_by_test_id("message-text").hover()
    expect(last.get_by_test_id("message-actions")).to_be_visible()
    page.locator("#scroller").evaluate("(box) => { box.scrollTop -= 300 }")
    # The browser has told the page that another message is under the pointer.
    expect(page.locator("[data-seq]:hover")).not_to_have_attribute("data-seq", "60")
    expect(last.get_by_test_id("message-actions")).to_have_count(1)
    page.locator("[data-seq]:hover").hover(position={"x": 50, "y": 10})
    expect(page.locator("[data-seq]:hover").get_by_test_id("message-actions")).to_be_visible()


def test_a_link_leads_to_an_old_message(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Kyle", 120)
    old = writer.get(f"/api/v1/rooms/{room}/messages/?around_seq=5").json()["results"][4]
    page = sign_in(context, site, "Kyle", room)
    page.goto(f"{site.url}/#/rooms/{room}/messages/{old['id']}")
    asked = page.locator(f"[data-message-id='{old['id']}']")
    expect(asked).to_be_in_viewport()
    expect(asked).to_be_focused()
    # Its menu by the keyboard, with the link.
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    asked.press("Enter")
    page.get_by_test_id("copy-link").click()
    expect(page.get_by_test_id("toast")).to_have_text("The link was copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    expect(asked).to_be_focused()


def test_rooms_are_found_and_say_what_is_new(site: Service, context: BrowserContext) -> None:
    context.add_init_script(NOTIFICATION)
    room, writer = room_for(site, "Ed", 1)
    name = writer.get("/api/v1/users/me/").json()["username"]
    page = sign_in(context, site, "Ed", room)
    link = page.locator(f"#rooms [data-room-id='{room}']")
    page.get_by_test_id("room-bell").click()
    page.get_by_test_id("pin-room").click()
    expect(page.get_by_role("region", name="Pinned")).to_contain_text("Long")
    page.get_by_test_id("room-filter").fill("no such room")
    expect(link).to_be_hidden()
    page.get_by_test_id("room-filter").fill("")
    composer = page.get_by_test_id("composer-input")
    composer.press_sequentially(f"hello @{name[:4]}")
    expect(page.get_by_test_id("completion")).to_have_count(1)
    composer.press("Tab")
    expect(composer).to_have_value(f"hello @{name} ")
    page.keyboard.press("Control+k")
    page.get_by_test_id("switcher-search").fill("gener")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("room-name")).to_have_text("General")
    page.get_by_test_id("notify-on").click()
    expect(page.get_by_test_id("notify")).to_be_hidden()
    writer.send_text("**look** here", room)
    wait_for(lambda: page.evaluate("window.told.length"), what="a notification")
    assert page.evaluate("window.told") == [[f"{name} in Long", "look here"]]
    assert page.title().startswith("(")
    expect(page.locator("#icon")).to_have_attribute("href", re.compile("unread"))
    # Read, and marked as unread again.
    open_room(page, room)
    expect(link).to_have_attribute("data-unread", "0")
    messages_of(page).last.press("u")
    expect(link).to_have_attribute("data-unread", "1")
    expect(page.get_by_test_id("new-line")).to_be_visible()
    page.get_by_test_id("room-bell").click()
    page.get_by_test_id("notify-none").click()
    expect(link).to_have_attribute("data-muted", "true")


def test_what_was_marked_as_unread_is_read_again_when_one_writes(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Bob", 2)
    page = sign_in(context, site, "Bob", room)
    link = page.locator(f"#rooms [data-room-id='{room}']")
    expect(link).to_have_attribute("data-unread", "0")
    messages_of(page).last.press("u")
    expect(link).to_have_attribute("data-unread", "1")
    writer.send_text("not read", room)
    expect(link).to_have_attribute("data-unread", "2")
    say(page, "here again")
    expect(link).to_have_attribute("data-unread", "0")
    writer.send_text("an answer", room)
    expect(messages_of(page).last).to_contain_text("an answer")
    expect(link).to_have_attribute("data-unread", "0")


def test_what_is_unread_can_be_read_from_its_beginning(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Taylor", 3)
    page = sign_in(context, site, "Taylor", room)
    expect(page.locator(f"#rooms [data-room-id='{room}']")).to_have_attribute("data-unread", "0")
    page.get_by_test_id("back").evaluate("(link) => link.click()")
    for number in range(500):
        writer.send_text(f"missed {number}", room)
    expect(page.locator(f"#rooms [data-room-id='{room}']")).to_have_attribute("data-unread", "500")
    open_room(page, room)
    expect(messages_of(page).last).to_contain_text("missed 499")
    page.get_by_test_id("to-unread").click()
    expect(page.get_by_test_id("new-line")).to_be_in_viewport()
    expect(page.get_by_text("missed 0", exact=True)).to_be_in_viewport()
    expect(page.get_by_test_id("to-unread")).to_be_hidden()
    # From there on everything can be read downwards, without a gap.
    scroller = page.locator("#scroller")
    seqs: set[int] = set()
    wait_for(
        lambda: (
            seqs.update(messages_of(page).evaluate_all("all => all.map((one) => Number(one.dataset.seq))"))
            or scroller.evaluate("(box) => { box.scrollTop = box.scrollHeight }")
            or 503 in seqs
        ),
        what="the newest message",
    )
    assert seqs >= set(range(4, 504))


def test_a_room_that_is_opened_while_the_server_is_away_comes_when_it_is_back(
    site: Service, context: BrowserContext
) -> None:
    room, writer = room_for(site, "Ed")
    page = sign_in(context, site, "Ed")
    site.kill()
    page.locator(f"#rooms [data-room-id='{room}']").click()
    expect(page.locator("#log-empty")).to_contain_text("can't be reached")
    page.get_by_test_id("composer-input").fill("sent meanwhile")
    page.get_by_test_id("send").click()
    site.start()
    expect(page.get_by_text("text 0", exact=True)).to_be_visible(timeout=30_000)
    expect(messages_of(page).last).to_contain_text("sent meanwhile", timeout=30_000)
    writer.send_text("and on", room)
    expect(messages_of(page).last).to_contain_text("and on", timeout=30_000)


def test_all_members_can_be_listed(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Kyle")
    members = page.get_by_test_id("member-list").get_by_test_id("person-choice")
    page.get_by_test_id("room-details").click()
    expect(members).to_have_count(100)
    page.get_by_test_id("more-members").click()
    wait_for(lambda: members.count() > 100, what="the second page")


def test_nobody_is_told_that_they_are_signed_out_when_they_are_not(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Adam")
    context.set_offline(True)
    expect(page.get_by_test_id("connection-state")).not_to_have_attribute("data-state", "live")
    page.get_by_test_id("log-out").click()
    expect(page.get_by_test_id("toast")).to_contain_text("still signed in")
    context.set_offline(False)
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "live", timeout=30_000)
    page.get_by_test_id("log-out").click()
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_silent_connection_is_opened_again(site: Service, context: BrowserContext) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site.url}/")
    page.locator("[data-testid=demo-sign-in][data-username=Bob]").click()
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "live")
    with page.expect_request("**/api/v1/stream"):
        page.clock.fast_forward(46_000)
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "live")
