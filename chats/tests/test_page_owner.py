"""An owner makes a room on the page and runs it, in a real Chromium."""

import re

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import come_in, messages_of, say
from chatserver.tests.harness.service import Service

# The names of those whose widest choice would be cut.
CUT_CHOICES = """
(form) => [...form.querySelectorAll("select")].filter((select) => {
  const { offsetWidth } = select;
  select.style.width = "max-content";
  const isCut = select.offsetWidth > offsetWidth;
  select.style.width = "";
  return isCut;
}).map(({ name }) => name)
"""


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
    expect(adam.get_by_test_id("member-list")).to_contain_text("Moderator")
    expect(adam.get_by_test_id("member-list")).to_contain_text("Owner · you")
    # A link for somebody else.
    adam.get_by_test_id("invite").click()
    expect(adam.get_by_test_id("invite-link")).to_have_value(re.compile("/invitations/"))
    link = adam.get_by_test_id("invite-link").input_value()
    adam.get_by_test_id("tab-settings").click()
    for width in (390, 820, 1280):
        adam.set_viewport_size({"width": width, "height": 800})
        assert adam.get_by_test_id("settings-form").evaluate(CUT_CHOICES) == []
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
    expect(kyle.get_by_role("button", name="Cancel")).to_be_focused()
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
    expect(bob.get_by_test_id("confirm")).to_be_focused()
    bob.keyboard.press("Enter")
    expect(bob.get_by_test_id("room-name")).to_have_text("The harbour")
    expect(bob.get_by_test_id("system-message").last).to_contain_text("You joined")
    expect(adam.get_by_test_id("system-message").last).to_contain_text("Bob")
    # The room shows its messages from joining on.
    say(bob, "Here I am")
    expect(messages_of(bob).last).to_contain_text("Here I am")
    expect(bob.get_by_test_id("message-log")).not_to_contain_text("Moor at pier 4")
    assert complaints == []
    assert kyles_complaints == []
