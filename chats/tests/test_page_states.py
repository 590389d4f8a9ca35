"""Each state of the page: axe finds nothing, and the browser does not complain.

`PAGE_IMAGES=docs/images .venv/bin/python -m pytest chats/tests/test_page_states.py` makes those of the docs.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chatserver.tests.harness.page import expect_live
from chatserver.tests.harness.service import Service

SIZES = {"desktop": (1280, 800), "tablet": (820, 1080), "phone": (390, 800)}
# axe takes seconds; names and roles are the same in both schemes.
CHECKED = {
    "light": {"sign-in", "rooms", "thread", "members", "own-settings", "new-conversation"},
    "dark": {"room", "menu", "emoji", "switcher", "room-settings", "offline"},
}
# Of the others, the light ones show as much.
DARK = {"room", "thread", "menu"}
# As somebody, by the client that the page serves.
AS = """
async ([url, name, path, body, method]) => {
  const { ChatClient } = await import(`${url}/static/chats/client/index.js`);
  const chat = new ChatClient({ url, share: false, storage: null });
  await chat.session.create({ username: name });
  return chat.api.request(method, path, body);
}
"""
TALK = [
    ("Kyle", "Morning! The notes for **2.4** are ready:\n- faster search\n- `PATCH` clears what is null\n- sections"),
    ("Taylor", "Reads well. One question: does the upgrade need a restart?"),
    ("Adam", "No. `kill -HUP` is enough:\n```\nkill -HUP $(cat var/run/serve.pid)\n```"),
    ("Taylor", "> No\nEven better \N{PARTY POPPER}"),
    ("Kyle", "Then I tag it at noon. Anything else before that?"),
    ("Adam", "The screenshots. I make them now."),
]  # fmt: skip


class States:
    """Visits states at a size, and records each."""

    def __init__(self, page: Page, scheme: str) -> None:
        self.page = page
        self.scheme = scheme
        self.found: list[str] = []
        folder = os.environ.get("PAGE_IMAGES")
        self.folder = Path(folder) if folder else None

    def record(self, name: str, *sizes: str) -> None:
        """At these sizes; axe looks at the first one."""
        for index, size in enumerate(sizes or ("desktop",)):
            width, height = SIZES[size]
            self.page.set_viewport_size({"width": width, "height": height})
            if index == 0 and name in CHECKED[self.scheme]:
                report = Axe().run(self.page)
                self.found += [f"{name}: {report.generate_report()}"] if report.violations_count else []
            if self.folder and (self.scheme == "light" or name in DARK):
                self.folder.mkdir(exist_ok=True)
                self.page.screenshot(path=self.folder / f"{name}-{size}-{self.scheme}.png")
        width, height = SIZES["desktop"]
        self.page.set_viewport_size({"width": width, "height": height})


@pytest.fixture
def acting(chromium: Browser, site: Service) -> Iterator[Callable[..., Any]]:
    """acting("Kyle", "/api/v1/chats/", {…}): what the service answers them."""
    contexts: dict[str, BrowserContext] = {}
    pages: dict[str, Page] = {}

    def act(name: str, path: str, body: object = None, method: str = "POST") -> Any:
        if name not in pages:
            contexts[name] = chromium.new_context()
            pages[name] = contexts[name].new_page()
            pages[name].goto(f"{site.url}/")
        return pages[name].evaluate(AS, [site.url, name, path, body, method])

    yield act
    for context in contexts.values():
        context.close()


@pytest.fixture
def talk(acting: Callable[..., Any]) -> int:
    """A room where three people have talked, with reactions, a thread and a pin."""
    body = {"name": "Release", "kind": "closed", "description": "What ships, and when", "members": [2, 3]}
    room: int = acting("Adam", "/api/v1/rooms/", body)["id"]
    said = [acting(name, "/api/v1/chats/", {"room_id": room, "message": text})["id"] for name, text in TALK]
    for name, message, emoji in (
        ("Adam", 0, "\N{PARTY POPPER}"),
        ("Taylor", 0, "\N{PARTY POPPER}"),
        ("Kyle", 2, "\N{THUMBS UP SIGN}"),
    ):
        acting(name, f"/api/v1/messages/{said[message]}/reactions/{emoji}/", None, "PUT")
    for name, text in (
        ("Kyle", "Nothing from me."),
        ("Taylor", "Please wait for the translation, it comes at **eleven**."),
    ):
        acting(name, "/api/v1/chats/", {"room_id": room, "message": text, "parent_id": said[4]})
    acting("Adam", f"/api/v1/messages/{said[0]}/pin/", None, "PUT")
    return room


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_state_can_be_read_and_used_by_everybody(
    site: Service, chromium: Browser, acting: Callable[..., Any], talk: int, scheme: Any
) -> None:
    # What fades in has other colours for a moment.
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    states = States(page, scheme)
    page.goto(f"{site.url}/")
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    states.record("sign-in", "desktop", "phone")
    page.locator("[data-testid=demo-sign-in][data-username=Adam]").click()
    expect_live(page)
    states.record("rooms", "phone", "desktop")

    page.locator(f"#rooms [data-room-id='{talk}']").click()
    line = page.get_by_test_id("thread-line")
    expect(line).to_be_visible()
    page.get_by_test_id("composer-input").blur()
    states.record("room", "desktop", "tablet", "phone")
    page.get_by_test_id("composer-input").fill("Thanks @")
    expect(page.get_by_test_id("completion").first).to_be_visible()
    states.record("mention")
    page.get_by_test_id("composer-input").fill("")
    message = page.get_by_test_id("message").nth(2)
    message.hover()
    message.get_by_test_id("message-more").click()
    states.record("menu", "desktop", "phone")
    page.keyboard.press("Escape")
    message.hover()
    message.get_by_test_id("pick-reaction").click()
    expect(page.get_by_test_id("emoji-picker")).to_be_visible()
    states.record("emoji", "desktop", "phone")
    page.keyboard.press("Escape")
    line.click()
    expect(page.get_by_test_id("panel-log").get_by_text("translation")).to_be_visible()
    states.record("thread", "desktop", "tablet", "phone")
    page.get_by_test_id("panel-close").click()
    page.get_by_test_id("room-pins").click()
    expect(page.get_by_test_id("panel-log").get_by_test_id("message")).to_have_count(1)
    states.record("pins")
    page.get_by_test_id("panel-close").click()

    page.keyboard.press("Control+k")
    states.record("switcher")
    page.keyboard.press("Escape")
    page.get_by_test_id("room-details").click()
    expect(page.get_by_test_id("person-choice").first).to_be_visible()
    states.record("members")
    page.get_by_test_id("tab-settings").click()
    states.record("room-settings", "desktop", "phone")
    page.keyboard.press("Escape")
    page.get_by_test_id("own-settings").click()
    expect(page.get_by_test_id("own-blocks")).to_contain_text("Nobody")
    states.record("own-settings")
    page.keyboard.press("Escape")
    page.get_by_test_id("new-conversation").click()
    expect(page.get_by_test_id("person-choice").first).to_be_visible()
    states.record("new-conversation")
    page.keyboard.press("Escape")
    empty = acting("Adam", "/api/v1/rooms/", {"name": "Ideas", "kind": "open"})["id"]
    page.locator(f"#rooms [data-room-id='{empty}']").click()
    expect(page.get_by_text("This is the beginning of Ideas")).to_be_visible()
    states.record("empty-room")
    assert complaints == []

    page.set_viewport_size({"width": 390, "height": 800})
    context.set_offline(True)
    page.get_by_test_id("composer-input").fill("sent later")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("pending-message")).to_be_visible()
    expect(page.get_by_test_id("connection-banner")).to_be_visible()
    states.record("offline", "phone")
    context.close()
    assert states.found == []
