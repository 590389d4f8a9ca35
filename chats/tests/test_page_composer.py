"""What a person writes before it is sent, and the keys that send it, on the page in a real Chromium."""

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from chatserver.tests.harness.page import come_in, messages_of, open_room, room_for, say, sign_in
from chatserver.tests.harness.service import Service


def test_a_draft_outlives_a_reload(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Ed")
    page.get_by_test_id("composer-input").fill("not yet sent")
    page.reload()
    expect(page.get_by_test_id("composer-input")).to_have_value("not yet sent")


def test_a_draft_is_seen_in_the_list_of_rooms(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Ed")
    page = sign_in(context, site, "Ed", room)
    preview = page.locator(f"#rooms [data-room-id='{room}']").get_by_test_id("room-preview")
    said = preview.inner_text()
    page.get_by_test_id("composer-input").fill("**not** yet sent")
    open_room(page, 0)
    expect(preview).to_have_text("Draft: not yet sent")
    open_room(page, room)
    expect(preview).to_have_text(said)
    page.get_by_test_id("send").click()
    open_room(page, 0)
    expect(preview).to_have_text("You: not yet sent")


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


@pytest.mark.parametrize("width", [390, 1280])
def test_a_notice_covers_no_button(site: Service, context: BrowserContext, width: int) -> None:
    page = sign_in(context, site, "Kyle")
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_test_id("composer-input").fill("not yet sent")
    page.evaluate("import('/static/chats/toast.js').then(({ toast }) => toast('Something is wrong. '.repeat(9)))")
    expect(page.get_by_test_id("toast")).to_be_visible()
    for button in ("pick-emoji", "send", "room-bell", "room-details"):
        page.locator(f"#{button}").click(trial=True, timeout=2_000)
    expect(page.get_by_test_id("toast")).to_be_visible()


def test_a_full_storage_keeps_nobody_in_a_room(site: Service, context: BrowserContext) -> None:
    room, _ = room_for(site, "Ed")
    page, complaints = come_in(context, site.url, "Ed")
    page.evaluate(
        "for (let size = 2 ** 22; size >= 1; size /= 2)"
        " try { localStorage.setItem(`of others ${size}`, 'x'.repeat(size)) } catch {}"
    )
    page.get_by_test_id("composer-input").fill("more than there is room for")
    open_room(page, room)
    expect(page.locator("#room-name")).to_have_text("Long")
    assert complaints == []


def test_enter_sends_where_the_cursor_has_left_the_name(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Ed")
    page, complaints = come_in(context, site.url, "Ed", room)
    page.get_by_test_id("composer-input").press_sequentially(f"Ask @{writer.name[:3]}")
    expect(page.get_by_test_id("completion").first).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(messages_of(page).last).to_contain_text(f"Ask @{writer.name[:3]}")
    expect(page.get_by_test_id("completion").first).to_be_hidden()
    assert complaints == []


def test_an_edit_that_fails_comes_back_where_a_draft_waits(site: Service, context: BrowserContext) -> None:
    page = sign_in(context, site, "Ed")
    say(page, "What I said")
    composer = page.get_by_test_id("composer-input")
    composer.fill("a draft")
    messages_of(page).filter(has_text="What I said").press("e")
    composer.fill("What I meant")
    page.route("**/api/v1/messages/*/", lambda route: route.abort())
    composer.press("Enter")
    expect(page.get_by_test_id("toast")).to_contain_text("The message was not changed.")
    expect(composer).to_have_value("What I meant")
    composer.press("Escape")
    expect(composer).to_have_value("a draft")
