"""Fixtures of the tests of the settings, and of where strangers do not see each other."""

from pathlib import Path
from typing import Any

import pytest

from chatserver.tests.harness.settings import Read, reader
from rooms.actions import general


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads the settings from an environment."""
    return reader(tmp_path, monkeypatch)


@pytest.fixture
def narrow(db: Any, settings: Any) -> None:
    settings.CHAT_GENERAL = False
    settings.CHAT_DIRECTORY = settings.CHAT_DIRECT_MESSAGES = "rooms"
    settings.CHAT_ROOM_CREATION = "services"
    for _ in general.switch():
        pass
