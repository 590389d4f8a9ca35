"""The elements as the docs have pages use them, in a real Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.host import SCRIPT, Host
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Service


@pytest.mark.parametrize("page", ["README.md", "docs/embedding.md"])
def test_the_blocks_of_the_docs_work_together(
    chat: Service, host: Host, open_page: Callable[..., Page], page: str
) -> None:
    """But for other texts: the second configuration of a page does not count."""
    (anna,) = chat.people()
    room_id = anna.make_room()
    blocks = {
        kind: [block.text for block in blocks_of(PROJECT / page) if block.kind == kind]
        for kind in ("html", "js", "css")
    }
    (body,), scripts, host.css = blocks["html"], blocks["js"], "".join(blocks["css"])
    script = "".join(scripts).replace("{", "{{").replace("}", "}}").replace("getToken", "null")
    host.script = script.replace("http://127.0.0.1:8000", "{chat}")
    host.token = anna.token
    try:
        room = body.replace("external:order-551", str(room_id)).partition("\n")[2]
        opened = open_page(anna, f"<chat-inbox></chat-inbox>{room}")
        expect(opened.locator("chat-room form")).to_be_visible()
        expect(opened.locator(f'chat-inbox [data-room-id="{room_id}"]')).to_be_visible()
        if host.css:
            expect(opened.locator("chat-room .send")).to_have_css("background-color", "rgb(10, 122, 75)")
            assert opened.locator("chat-room").bounding_box()["height"] == 36 * 16
    finally:
        host.script, host.css = SCRIPT, ""
