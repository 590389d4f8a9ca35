"""A room as an element on pages of other products, in a real Chromium."""

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from chatserver.tests.harness.page import hold, wait_for_frames
from chatserver.tests.harness.service import Service


def test_a_room_is_read_and_written(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    anna.send_text("from before <b>bold</b> https://example.com/a", room_id=room_id)
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room>')
    expect(page.locator("chat-room .bubble")).to_contain_text(["from before <b>bold</b> https://example.com/a"])
    expect(page.locator("chat-room .bubble a")).to_have_attribute("href", "https://example.com/a")
    page.get_by_label("Write a message").fill("a question")
    page.keyboard.press("Enter")
    expect(page.locator("chat-room .mine[data-seq] .bubble")).to_contain_text(["a question"])
    anna.send_text("an answer", room_id=room_id)
    expect(page.locator("chat-room .bubble")).to_have_count(3)
    expect(page.locator("chat-room .bubble").last).to_contain_text("an answer")
    assert [each["message"] for each in anna.get(f"/api/v1/rooms/{room_id}/messages/").json()["results"]][1:] == [
        "a question",
        "an answer",
    ]


def test_a_long_line_of_code_scrolls_within_its_bubble(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    anna.send_text(f"```\n{'word ' * 60}\n```", room_id=room_id)
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room>')
    code = page.locator("chat-room pre")
    inner, outer = code.bounding_box(), page.locator("chat-room .bubble").bounding_box()
    assert inner and outer
    assert inner["x"] + inner["width"] < outer["x"] + outer["width"]
    code.press("ArrowRight")
    page.wait_for_function("(code) => code.scrollLeft > 0", arg=code.element_handle())


def test_what_happened_in_a_room_is_said_with_names_of_now(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben, cleo = chat.people(3)
    room_id = anna.make_room(ben)
    members = f"/api/v1/rooms/{room_id}/members/"
    assert anna.post(members, json={"user_id": cleo.id}).status_code == 201
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room><chat-inbox></chat-inbox>')
    said = page.locator("chat-room li.day[data-seq]")
    expect(said).to_have_text([f"{anna.name} added {cleo.name}"])
    expect(page.locator(f'chat-inbox [data-room-id="{room_id}"]')).to_contain_text(f"{anna.name} added {cleo.name}")
    expect(page.locator("chat-inbox .badge:visible")).to_have_count(0)
    assert cleo.delete(f"{members}{cleo.id}/").status_code == 204
    expect(said.last).to_have_text(f"{cleo.name} left")


def test_what_somebody_writes_whom_one_blocks_is_hidden(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben, cleo = chat.people(3)
    room_id = anna.make_room(ben, cleo)
    cleo.send_text("seen by all", room_id=room_id)
    anna.send_text("not for ben", room_id=room_id)
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room><chat-inbox></chat-inbox>')
    last = page.locator("chat-room .bubble").last
    preview = page.locator(f'chat-inbox [data-room-id="{room_id}"] .last')
    for method, text in (("PUT", "Hidden: you block them"), ("DELETE", "not for ben")):
        assert ben.request(method, f"/api/v1/blocks/{anna.id}/").is_success
        expect(last).to_contain_text(text)
        expect(preview).to_have_text(text)
    expect(page.locator("chat-room .bubble").first).to_contain_text("seen by all")


def test_a_room_of_strangers_is_refused(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, charlie = chat.people(2)
    room_id = anna.make_room()
    anna.send_text("a secret", room_id=room_id)
    host_body = f'<chat-room room="{room_id}"></chat-room>'
    page = open_page(charlie, host_body)
    expect(page.get_by_text("The chat is not available here.")).to_be_visible()
    assert "a secret" not in page.content()
    expect(page.locator("chat-room form")).to_be_hidden()


def test_a_floating_room_opens_and_closes_by_keyboard(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    page = open_page(ben, f'<chat-room room="{room_id}" mode="floating" label="Help"></chat-room>')
    launcher = page.get_by_label("Open the chat")
    expect(launcher).to_be_visible()
    anna.send_text("are you there?", room_id=room_id)
    expect(page.locator("chat-room .launcher .badge")).to_have_text("1")
    launcher.press("Enter")
    expect(page.get_by_role("heading", name="Help")).to_be_visible()
    expect(page.get_by_label("Write a message")).to_be_focused()
    expect(page.locator("chat-room .launcher .badge")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("chat-room .panel")).to_be_hidden()
    expect(launcher).to_be_focused()
    assert page.evaluate("window.unread")[-1] == 0


def test_texts_and_colours_are_the_hosts(chat: Service, open_page: Callable[..., Page]) -> None:
    (anna,) = chat.people()
    room_id = anna.make_room()
    texts = '{ placeholder: "Nachricht schreiben", send: "Senden", empty: "Noch nichts." }'
    page = open_page(anna, f'<chat-room room="{room_id}"></chat-room>', texts)
    expect(page.get_by_label("Nachricht schreiben")).to_be_visible()
    expect(page.get_by_text("Noch nichts.")).to_be_visible()
    page.evaluate("document.querySelector('chat-room').style.setProperty('--chat-accent', 'rgb(200, 0, 0)')")
    expect(page.get_by_role("button", name="Senden")).to_have_css("background-color", "rgb(200, 0, 0)")


def test_an_element_that_is_taken_out_and_put_back_goes_on(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room>')
    expect(page.get_by_text("No messages yet")).to_be_visible()
    page.evaluate("window.kept = document.querySelector('chat-room'); kept.remove()")
    anna.send_text("meanwhile", room_id=room_id)
    page.evaluate("document.body.append(kept)")
    expect(page.locator("chat-room .bubble")).to_contain_text(["meanwhile"])
    other_id = anna.make_room(ben)
    anna.send_text("elsewhere", room_id=other_id)
    page.evaluate(f"kept.setAttribute('room', '{other_id}')")
    expect(page.locator("chat-room .bubble")).to_have_count(1)
    expect(page.locator("chat-room .bubble")).to_contain_text(["elsewhere"])


def test_a_refusal_that_comes_late_is_not_of_the_next_room(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room>')
    composer = page.get_by_label("Write a message")
    expect(composer).to_be_visible()
    held = hold(page, "**/api/v1/rooms/external/**")
    show = "(element, room) => element.setAttribute('room', room)"
    with page.expect_request("**/api/v1/rooms/external/**"):
        page.locator("chat-room").evaluate(show, "external:gone")
    page.locator("chat-room").evaluate(show, str(room_id))
    expect(composer).to_be_visible()
    with page.expect_response("**/api/v1/rooms/external/**"):
        held[0].continue_()
    wait_for_frames(page)
    expect(composer).to_be_visible()


def test_a_room_that_could_not_be_loaded_says_why(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    body = json.dumps({"status": 500, "code": "internal", "detail": "Something went wrong."})
    page = open_page(ben, "<chat-inbox></chat-inbox>")
    page.route(
        "**/messages/?*",
        lambda route: route.fulfill(status=500, body=body, headers={"Access-Control-Allow-Origin": "*"}),
    )
    page.locator(f'chat-inbox [data-room-id="{room_id}"]').click()
    expect(page.locator("chat-room .empty")).to_have_text("Something went wrong.")
