"""Fixtures of the tests of the settings."""

from pathlib import Path

import pytest

from chatserver.tests.harness.settings import Read, reader


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads the settings from an environment."""
    return reader(tmp_path, monkeypatch)
