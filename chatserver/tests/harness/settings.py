"""The settings, read afresh in the process of a test."""

import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatserver.config import logging as chat_logging

PRODUCTION = {"DEBUG": "False", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "chat.example.com"}
SETTINGS = Path(chat_logging.__file__).parent.parent / "settings.py"
READ = ("CHAT_", "DEBUG", "SECRET_KEY", "SECRET_KEY_FILE", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "LOG_")
Read = Callable[..., dict[str, Any]]


def reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read the settings afresh from this environment; the tests' own stay as they are."""
    real = chat_logging.logging_config

    def check_only(level: str, log_format: str) -> None:
        if (level, log_format) not in {("INFO", "console"), ("INFO", "json")}:
            real(level, log_format)

    def look(**env: str) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(READ)]:
                patch.delenv(name)
            for name, value in {"CHAT_DATA_DIR": str(folder), **env}.items():
                patch.setenv(name, value)
            patch.setattr(chat_logging, "logging_config", check_only)
            return runpy.run_path(str(SETTINGS))

    return look
