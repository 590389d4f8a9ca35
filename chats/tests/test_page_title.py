"""The title of the page, in a real Chromium."""

from playwright.sync_api import BrowserContext, expect

from chatserver.tests.harness.page import room_for, sign_in
from chatserver.tests.harness.service import Service

# Browsers draw no frame of a page that nobody sees. One without a window never hides its pages.
HIDE = "Object.defineProperty(document, 'hidden', { value: true }); window.requestAnimationFrame = () => 0"


def test_the_title_counts_what_comes_while_nobody_sees_the_page(site: Service, context: BrowserContext) -> None:
    room, writer = room_for(site, "Ed")
    page = sign_in(context, site, "Ed", room)
    page.locator(f"#rooms [data-room-id='{room}'][data-unread='0']").wait_for()
    unread = int(page.title().strip("(").partition(")")[0]) if page.title().startswith("(") else 0
    page.evaluate(HIDE)
    writer.send_text("while nobody looks", room)
    expect(page).to_have_title(f"({unread + 1}) ChatServer")
