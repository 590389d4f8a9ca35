"""Rooms to write in: alice and bob are in them, charlie is not."""

from collections.abc import Callable
from typing import Any

import pytest

from chatserver.tests.harness.outbox import Recorder
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
