"""People write, edit, like and delete messages on the page, in a real Chromium."""

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Locator, expect

from chatserver.tests.harness.page import come_in, messages_of, room_for, say, sign_in
from chatserver.tests.harness.service import Service


def test_two_people_chat(site: Service, context: BrowserContext, other_context: BrowserContext) -> None:
    adam, adams_complaints = come_in(context, site.url, "Adam")
    kyle, kyles_complaints = come_in(other_context, site.url, "Kyle")
    say(adam, "Lunch at twelve?")
    expect(kyle.get_by_text("Lunch at twelve?").last).to_be_visible()
    say(kyle, "Yes, and bring Taylor \N{FORK AND KNIFE}")
    expect(adam.get_by_text("Yes, and bring Taylor").last).to_be_visible()
    assert adams_complaints == []
    assert kyles_complaints == []


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


@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_line_of_code_scrolls_within_its_bubble(site: Service, context: BrowserContext, width: int) -> None:
    room, writer = room_for(site, "Kyle")
    writer.send_text(f"- a list\n```\n{'word ' * 60}\n```", room)
    writer.send_text(f"```\n{'word ' * 60}\n```", room)
    kyle = sign_in(context, site, "Kyle", room)
    kyle.set_viewport_size({"width": width, "height": 800})
    for said in messages_of(kyle).filter(has=kyle.locator("pre")).all():
        code = said.locator("pre")
        inner, outer = code.bounding_box(), said.locator(".bubble").bounding_box()
        assert inner and outer
        assert inner["x"] + inner["width"] < outer["x"] + outer["width"] < width
        expect(code).to_have_attribute("tabindex", "0")
        code.press("End")
        code.press("ArrowRight")
        kyle.wait_for_function("(code) => code.scrollLeft > 0", arg=code.element_handle())


def box_of(place: Locator) -> FloatRect:
    found = place.bounding_box()
    assert found
    return found


def bottom_of(place: Locator) -> float:
    return box_of(place)["y"] + box_of(place)["height"]


def test_what_belongs_to_a_message_is_near_it(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Kyle", 2)
    for text in ("x", "a longer text " * 20, "y"):
        writer.send_text(text, room)
    removed = writer.send_text("removed", room)
    assert writer.delete(f"/api/v1/messages/{removed['id']}/").status_code in {200, 204}
    writer.send_text("last", room)
    kyle = sign_in(context, site, "Kyle", room)
    # The toolbar.
    for said in messages_of(kyle).filter(has_not_text="deleted").all():
        said.locator(".bubble").hover()
        bubble, bar = box_of(said.locator(".bubble")), box_of(said.get_by_test_id("message-actions"))
        assert bubble["x"] <= bar["x"] <= max(bubble["x"], bubble["x"] + bubble["width"] - bar["width"] + 16)
        # Above the letters of the first line.
        assert bar["y"] + bar["height"] <= bubble["y"] + 12
    # The time.
    distances = {
        round(bottom_of(said.locator(".bubble")) - bottom_of(said.locator("time")), 1)
        for said in (messages_of(kyle).filter(has_text="text 0"), messages_of(kyle).filter(has_text="deleted"))
    }
    assert len(distances) == 1
    # The ring of the focus: 2 px, 4 px away.
    last = messages_of(kyle).last
    last.focus()
    assert bottom_of(last) + 6 <= bottom_of(kyle.locator("#scroller"))


def test_the_time_is_in_the_last_line_of_a_list(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Kyle")
    writer.send_text("1. Tag\n2. Build", room)
    kyle = sign_in(context, site, "Kyle", room)
    said = messages_of(kyle).last
    last, time = box_of(said.locator("li").last), box_of(said.locator("time"))
    assert last["y"] < time["y"] < last["y"] + last["height"]
