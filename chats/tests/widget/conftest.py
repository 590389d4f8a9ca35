"""What the tests of the elements share: the page of a host, in a real Chromium."""

from collections.abc import Callable, Iterator
from itertools import chain

import pytest
from playwright.sync_api import BrowserContext, Page

from chatserver.tests.harness.host import Host
from chatserver.tests.harness.page import complaints_of
from chatserver.tests.harness.service import Client, Service


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    started = Host()
    yield started
    started.close()


@pytest.fixture(scope="module")
def chat(start_shared_service: Callable[..., Service], host: Host) -> Service:
    service = start_shared_service(CHAT_CORS_ORIGINS=host.url)
    host.chat = service.url
    return service


@pytest.fixture
def open_page(context: BrowserContext, host: Host) -> Iterator[Callable[..., Page]]:
    """Opens the host's page with this body as a person. Fails for what the console or the policy complains of."""
    complaints: list[list[str]] = []

    def open_as(person: Client, body: str, texts: str = "{}") -> Page:
        host.body, host.texts = body, texts
        page = context.new_page()
        complaints.append(complaints_of(page, "error", "warning"))
        page.goto(f"{host.url}/?token={person.token}")
        return page

    yield open_as
    # Chromium notes each refusal by itself.
    assert [text for text in chain(*complaints) if not text.startswith("Failed to load resource")] == []
