"""Moderators and staff read on the page what an edited message said before, in a real Chromium."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browserless
from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import come_in, expect_live, id_of, messages_of, open_room, room_of
from chatserver.tests.harness.service import Service


@pytest.fixture(scope="module")
def keeping(start_shared_service: Callable[..., Service]) -> Service:
    """A service that keeps earlier texts, where demo people come in with one click."""
    return start_shared_service(CHAT_PASSWORDLESS_LOGIN="True", CHAT_EDIT_HISTORY_DAYS="7")


def test_a_moderator_reads_earlier_texts_and_a_member_does_not(
    keeping: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    room, founder = room_of(keeping, "Kyle", "moderator")
    adam_id = id_of(founder, "Adam")
    founder.post(f"/api/v1/rooms/{room}/members/", json={"user_id": adam_id})
    kyle, complaints = come_in(context, keeping.url, "Kyle", room)
    adam, _ = come_in(other_context, keeping.url, "Adam", room)
    edited = messages_of(kyle).filter(has_text="edited")
    expect(edited).to_have_count(0)
    path = f"/api/v1/messages/{messages_of(kyle).first.get_attribute('data-message-id')}/"
    for text in ("A **second** message", "A third message"):
        assert founder.patch(path, json={"message": text}).status_code == 200
    expect(edited).to_contain_text("A third message")
    edited.get_by_test_id("edited").click()
    popup = kyle.get_by_role("dialog", name="Earlier texts")
    said = popup.get_by_test_id("earlier-text")
    expect(said).to_have_count(2)
    expect(said.first).to_contain_text("A second message")
    expect(said.first.locator("strong")).to_have_text("second")
    expect(said.first).to_contain_text(re.compile(r"^Until \d{1,2}:\d\d"))
    expect(said.last).to_contain_text("A first message")
    kyle.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(edited.get_by_test_id("edited")).to_be_focused()
    theirs = messages_of(adam).filter(has_text="A third message")
    expect(theirs).to_contain_text("edited")
    expect(theirs.get_by_test_id("edited")).to_have_count(0)
    # Who becomes a moderator sees it at once.
    assert founder.patch(f"/api/v1/rooms/{room}/members/{adam_id}/", json={"role": "moderator"}).status_code == 200
    expect(theirs.get_by_test_id("edited")).to_be_visible()
    assert complaints == []


def test_staff_read_earlier_texts_where_they_do_not_moderate(keeping: Service, context: BrowserContext) -> None:
    (founder,) = keeping.people()
    vera = {"username": "Vera", "password": "keeps an eye on it"}
    vera_id = founder.post("/api/v1/users/", json=vera).json()["id"]
    keeping.sql("UPDATE users_user SET is_staff = true WHERE id = %s", vera_id)
    body = {"kind": "closed", "name": "The quay", "members": [vera_id]}
    room = founder.post("/api/v1/rooms/", json=body).json()["id"]
    path = f"/api/v1/messages/{founder.send_text('A first message', room)['id']}/"
    assert founder.patch(path, json={"message": "A second message"}).status_code == 200
    page = context.new_page()
    page.goto(f"{keeping.url}/")
    for name, text in vera.items():
        page.locator(f"#signin-form [name={name}]").fill(text)
    page.keyboard.press("Enter")
    expect_live(page)
    open_room(page, room)
    messages_of(page).filter(has_text="A second message").get_by_test_id("edited").click()
    expect(page.get_by_test_id("earlier-text")).to_contain_text(["A first message"])


@pytest.mark.parametrize(("days", "is_kept"), [(0, "false"), (7, "true")])
def test_the_page_knows_whether_there_are_earlier_texts(
    client: Browserless, settings: Any, days: int, is_kept: str
) -> None:
    settings.CHAT_EDIT_HISTORY_DAYS = days
    assert f'"keeps_edits": {is_kept}' in client.get("/").content.decode()
