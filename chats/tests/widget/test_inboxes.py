"""An inbox as an element on pages of other products, alone and beside rooms, in a real Chromium."""

import re
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from chatserver.tests.harness.service import Service


def test_an_inbox_leads_to_rooms_and_back(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    anna.send_text("hello there", room_id=room_id)
    page = open_page(ben, "<chat-inbox></chat-inbox>")
    entry = page.locator(f'chat-inbox [data-room-id="{room_id}"]')
    expect(entry).to_contain_text("hello there")
    expect(entry.locator(".badge")).to_have_text("1")
    entry.press("Enter")
    expect(page.locator("chat-inbox chat-room .bubble")).to_contain_text(["hello there"])
    page.get_by_label("Back to the conversations").press("Enter")
    expect(entry).to_be_focused()
    expect(entry.locator(".badge")).to_have_count(0)


def test_an_inbox_shows_texts_without_their_signs_and_what_happened(
    chat: Service, open_page: Callable[..., Page]
) -> None:
    anna, ben, cleo = chat.people(3)
    said, joined, silent = (anna.make_room(ben) for _ in range(3))
    anna.send_text("**Look** at [this](https://example.com/)\n- `one`", room_id=said)
    added = open_page(cleo, "<chat-inbox></chat-inbox>")
    expect(added.locator("chat-inbox .room")).to_have_count(1)
    assert anna.post(f"/api/v1/rooms/{joined}/members/", json={"user_id": cleo.id}).status_code == 201
    expect(added.locator(f'chat-inbox [data-room-id="{joined}"] .last')).to_have_text(f"{anna.name} added you")
    page = open_page(ben, "<chat-inbox></chat-inbox>")
    last = {room_id: page.locator(f'chat-inbox [data-room-id="{room_id}"] .last') for room_id in (said, joined, silent)}
    expect(last[said]).to_have_text("Look at this one")
    expect(last[joined]).to_have_text(f"{anna.name} added {cleo.name}")
    expect(last[silent]).to_have_text("No messages yet")


def test_an_inbox_shows_who_is_there_and_who_is_away(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.post("/api/v1/chats/", json={"user_id": ben.id, "message": "Hello"}).json()["room_id"]
    page = open_page(ben, "<chat-inbox></chat-inbox>")
    entry = page.locator(f'chat-inbox [data-room-id="{room_id}"]')
    expect(entry.locator(".name")).to_have_text(anna.name)
    expect(entry.locator(".dot")).to_have_count(0)
    entry.focus()
    with closing(anna.listen()):
        expect(entry).to_have_accessible_name(re.compile(f"^{anna.name} ?online"), timeout=10_000)
        anna.post("/api/v1/users/me/activity/", json={"idle": True})
        expect(entry).to_have_accessible_name(re.compile(f"^{anna.name} ?away"), timeout=15_000)
    expect(entry).to_be_focused()


def test_all_elements_and_tabs_share_one_stream(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    body = f'<chat-inbox></chat-inbox><chat-room room="{room_id}"></chat-room><chat-room room="0"></chat-room>'
    pages = [open_page(ben, body) for _ in range(2)]
    for page in pages:
        expect(page.locator("chat-room form")).to_have_count(2)
    anna.send_text("to both", room_id=room_id)
    for page in pages:
        expect(page.locator(f'chat-room[room="{room_id}"] .bubble')).to_contain_text(["to both"])
    metrics = httpx.get(f"{chat.url}/metrics").text
    assert re.findall(r"(?m)^chat_streams ([0-9.]+)$", metrics) == ["1.0"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_can_be_used_by_everybody(chat: Service, open_page: Callable[..., Page], scheme: str) -> None:
    """axe finds nothing, neither in colours nor in names and roles."""
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    anna.send_text("hello https://example.com/", room_id=room_id)
    ben.send_text("mine", room_id=room_id)
    anna.send_text("unread", room_id=anna.make_room(ben))
    page = open_page(
        ben, f'<chat-inbox theme="{scheme}"></chat-inbox><chat-room room="{room_id}" theme="{scheme}"></chat-room>'
    )
    expect(page.locator("chat-room .bubble")).to_have_count(2)
    expect(page.locator("chat-inbox .badge").first).to_be_visible()
    found = Axe().run(page, context=None, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    assert [each["id"] + str([node["html"] for node in each["nodes"]]) for each in found.response["violations"]] == []
