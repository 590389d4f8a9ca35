"""Visits states of the page: axe finds nothing in them, and pictures of them are made for the docs."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# As somebody, by the client that the page serves.
ACT_AS = """
async ([url, name, path, body, method]) => {
  const { ChatClient } = await import(`${url}/static/chats/client/index.js`);
  const chat = new ChatClient({ url, share: false, storage: null });
  await chat.session.create({ username: name });
  return chat.api.request(method, path, body);
}
"""
SIZES = {"desktop": (1280, 800), "tablet": (820, 1080), "phone": (390, 800)}


class States:
    """Visits states at a size, and records each.

    axe looks at those that are `checked`, and pictures are made of those that are `drawn`; None: all of them.
    """

    def __init__(self, page: Page, look: str, checked: set[str] | None = None, drawn: set[str] | None = None) -> None:
        self.page = page
        self.look = look
        self.checked = checked
        self.drawn = drawn
        self.found: list[str] = []
        folder = os.environ.get("PAGE_IMAGES")
        self.folder = Path(folder) if folder else None

    def record(self, name: str, *sizes: str) -> None:
        """At these sizes; axe looks at the first one."""
        for index, size in enumerate(sizes or ("desktop",)):
            width, height = SIZES[size]
            self.page.set_viewport_size({"width": width, "height": height})
            if index == 0 and (self.checked is None or name in self.checked):
                report = Axe().run(self.page)
                self.found += [f"{name}: {report.generate_report()}"] if report.violations_count else []
            if self.folder and (self.drawn is None or name in self.drawn):
                self.folder.mkdir(exist_ok=True)
                path = self.folder / f"{name}-{size}-{self.look}.png"
                self.page.screenshot(path=path, animations="disabled")
        width, height = SIZES["desktop"]
        self.page.set_viewport_size({"width": width, "height": height})
