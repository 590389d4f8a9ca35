"""Where somebody may not write, or not yet, the page says so, in a real Chromium."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from chatserver.tests.harness.page import come_in, messages_of, room_of
from chatserver.tests.harness.service import Service


def say(page: Page, text: str) -> None:
    page.get_by_test_id("composer-input").fill(text)
    page.get_by_test_id("composer-input").press("Enter")


def test_who_may_not_write_reads_why(site: Service, context: BrowserContext) -> None:
    room, founder = room_of(site, "Kyle", "member")
    kyle, complaints = come_in(context, site.url, "Kyle", room)
    closed, composer = kyle.get_by_test_id("closed"), kyle.get_by_test_id("composer")
    say(kyle, "I may write")
    mine = messages_of(kyle).filter(has_text="I may write")
    expect(mine).to_be_visible()
    path = f"/api/v1/rooms/{room}/"
    for changes, reason in (
        ({"posting": "moderators"}, "Only owners and moderators write here."),
        ({"archived": True}, "This room is archived."),
    ):
        assert founder.patch(path, json=changes).status_code == 200
        expect(closed).to_contain_text(reason)
        expect(composer).to_be_hidden()
        # The toolbar of a message is made when the pointer comes.
        kyle.mouse.move(0, 0)
        mine.hover()
        expect(mine.get_by_test_id("message-more")).to_be_visible()
        expect(mine.get_by_test_id("edit")).to_have_count(0)
    assert founder.patch(path, json={"archived": False, "posting": "everyone"}).status_code == 200
    expect(composer).to_be_visible()
    expect(closed).to_be_hidden()
    kyle.mouse.move(0, 0)
    mine.hover()
    mine.get_by_test_id("edit").click()
    assert complaints == []


def test_people_who_block_each_other_read_that_they_cannot_write(site: Service, context: BrowserContext) -> None:
    _, founder = room_of(site, "Kyle")
    kyle, _ = come_in(context, site.url, "Kyle")
    kyle.goto(f"{site.url}/#/people/{founder.id}")
    expect(kyle.get_by_test_id("room-name")).to_have_text(founder.name)
    say(kyle, "Hello")
    expect(messages_of(kyle)).to_contain_text("Hello")
    closed, composer = kyle.get_by_test_id("closed"), kyle.get_by_test_id("composer")
    kyle.get_by_test_id("person-more").click()
    kyle.get_by_test_id("block").click()
    kyle.get_by_test_id("confirm").click()
    expect(closed).to_contain_text(f"You block {founder.name}.")
    expect(composer).to_be_hidden()
    closed.get_by_role("button", name="Unblock").click()
    expect(composer).to_be_visible()
    me = kyle.evaluate("fetch('/api/v1/session/').then((answer) => answer.json())")["user"]["id"]
    assert founder.put(f"/api/v1/blocks/{me}/").status_code == 201
    say(kyle, "Are you there?")
    expect(closed).to_have_text(f"You can't send messages to {founder.name}.")
    # Nothing is lost; who wants to try again, may.
    expect(kyle.get_by_test_id("pending-message")).to_contain_text("Are you there?")
    kyle.get_by_test_id("discard").click()
    expect(composer).to_be_visible()


def test_slow_mode_counts_down_and_keeps_the_text(site: Service, context: BrowserContext) -> None:
    room, founder = room_of(site, "Kyle", "member", slow_mode_seconds=600)
    kyle, _ = come_in(context, site.url, "Kyle", room)
    waiting, writing = kyle.get_by_test_id("waiting"), kyle.get_by_test_id("composer-input")
    expect(waiting).to_be_hidden()
    say(kyle, "first")
    expect(waiting).to_have_text(re.compile(r"you can write again in (9:5\d|10:00)\."))
    before = waiting.inner_text()
    expect(waiting).not_to_have_text(before)
    say(kyle, "second")
    expect(writing).to_have_value("second")
    expect(kyle.get_by_test_id("send")).to_be_disabled()
    assert founder.patch(f"/api/v1/rooms/{room}/", json={"slow_mode_seconds": 0}).status_code == 200
    expect(waiting).to_be_hidden()
    writing.press("Enter")
    expect(messages_of(kyle).filter(has_text="second")).to_be_visible()
    # A page that does not know of the last message learns it from the server.
    assert founder.patch(f"/api/v1/rooms/{room}/", json={"slow_mode_seconds": 600}).status_code == 200
    kyle.reload()
    expect(messages_of(kyle).filter(has_text="second")).to_be_visible()
    say(kyle, "third")
    expect(waiting).to_contain_text("you can write again in")
    expect(kyle.get_by_test_id("pending-message")).to_contain_text("third")
    assert [message["message"] for message in founder.get(f"/api/v1/rooms/{room}/messages/").json()["results"]] == [
        "A first message",
        "first",
        "second",
    ]


def test_a_text_that_is_too_long_for_the_room_stays(site: Service, context: BrowserContext) -> None:
    room, _ = room_of(site, "Kyle", "member", max_length=20)
    kyle, _ = come_in(context, site.url, "Kyle", room)
    kyle.get_by_test_id("composer-input").fill("x" * 21)
    expect(kyle.locator("#count")).to_have_text("-1")
    expect(kyle.get_by_test_id("send")).to_be_disabled()
