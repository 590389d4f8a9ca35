"""Rooms to write in: alice and bob are in them, charlie is not. And what tests of the page share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from chatserver.tests.harness.outbox import Recorder
from chatserver.tests.harness.service import Service
from rooms.actions import create_room
from rooms.models import Kind, Room
from users.models import User


@pytest.fixture
def closed(alice: User, bob: User) -> Room:
    return create_room(alice, [bob], name="The closed room", kind=Kind.CLOSED)


@pytest.fixture
def open_room(alice: User, bob: User) -> Room:
    return create_room(alice, [bob], name="The open room", kind=Kind.OPEN)


@pytest.fixture
def recorder(db: Any) -> Callable[[], Recorder]:
    """Make one just before the request whose events are of interest."""
    return Recorder


@pytest.fixture(scope="module")
def site(start_shared_service: Callable[..., Service]) -> Service:
    """A service where demo people come in with one click."""
    return start_shared_service(CHAT_PASSWORDLESS_LOGIN="True")


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context()
    yield opened
    opened.close()


@pytest.fixture
def other_context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context()
    yield opened
    opened.close()
