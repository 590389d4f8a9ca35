"""Reads the environment strictly: an invalid value stops the start."""

import os
import re
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from chatserver.config.rates import Rate

TRUE = frozenset({"true", "on", "yes", "y", "1"})
FALSE = frozenset({"false", "off", "no", "n", "0"})
# What an example has in place of a value: change-me, …, ..., <your password>; alone, or as a part of a URL.
PLACEHOLDER = re.compile(r"(?<![a-z])(change|replace)[-_ ]?me(?![a-z])|…|(^|[:/@=])(\.\.\.|<[^<>]+>)($|[:/@?&])", re.I)
COMMENT = re.compile(r"\s#")
LINE = re.compile(r"(export )?[A-Za-z_0-9]+=.*|#.*|")
# Names that others give: Kubernetes for a service called `chat` or `chat-…`, `serve` for its workers, and tests.
NAMES_OF_OTHERS = re.compile(
    r"CHAT_(SERVICE_\w+|PORT\w*|\w+_SERVICE_(HOST|PORT\w*)|\w+_PORT(_\d+_(TCP|UDP|SCTP)\w*)?|SERVE_PID|TEST_\w+)"
)
# How much a name must be like one of ours: to be a mistake, though it does not begin with CHAT_; to be a hint.
MISTAKE_LIKENESS, HINT_LIKENESS = 0.85, 0.6


class Environment(environ.Env):
    """An empty flag or number means its default. ImproperlyConfigured names an invalid value."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: set[str] = set()

    def refuse_unknown(self, from_file: set[str]) -> None:
        """After all settings were read: a name that begins like ours and is none, or that nearly is one in the file."""
        for name in sorted(set(self.ENVIRON) - self._asked):
            is_ours = name.startswith("CHAT_") and not NAMES_OF_OTHERS.fullmatch(name)
            likeness = HINT_LIKENESS if is_ours else MISTAKE_LIKENESS
            near = get_close_matches(name, self._asked, 1, likeness) if is_ours or name in from_file else []
            if is_ours or near:
                hint = f"did you mean {near[0]}?" if near else "docs/settings.md lists them"
                raise ImproperlyConfigured(f"{name} is none of ChatServer's settings; {hint}")

    def read_file(self, path: Path) -> set[str]:
        """Add what a file says to the environment, which wins over it. Returns the names that came from the file."""
        if not path.exists():
            return set()
        try:
            lines = [line.strip() for line in path.read_text().splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{path} can't be read: {error}") from error
        for number, line in enumerate(lines, 1):
            if not LINE.fullmatch(line):
                raise ImproperlyConfigured(f"{path}, line {number} is not NAME=value, nor a comment that begins with #")
        before = set(os.environ)
        self.read_env(StringIO("\n".join(lines)))
        return set(os.environ) - before

    def get_value(self, var: str, *arguments: Any, **options: Any) -> Any:
        self._asked.add(var)
        text = self.ENVIRON.get(var, "")
        if PLACEHOLDER.search(text):
            raise ImproperlyConfigured(f"{var} still has the placeholder of an example in it")
        if COMMENT.search(text):
            raise ImproperlyConfigured(f"{var} has a comment behind its value; comments stand on lines of their own")
        return super().get_value(var, *arguments, **options)

    def bool(self, var: str, default: Any = None) -> Any:
        text = self.str(var, default="").strip().lower()
        if text and text not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{var} is {text!r}; it must be True or False")
        return text in TRUE if text else default

    def int(self, var: str, default: Any = None) -> Any:
        text = self.str(var, default="").strip()
        try:
            return int(text) if text else default
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} is {text!r}; it must be a whole number") from error

    def count(self, name: str, default: Any, *, least: Any = 1, most: Any = 2**31 - 1) -> Any:
        """A whole number that is at least `least` and at most `most`. (In this class `int` is the method below.)"""
        value = self.int(name, default=default)
        if not least <= value <= most:
            raise ImproperlyConfigured(f"{name} is {value}; it must be at least {least} and at most {most}")
        return value

    def rate(self, var: str, default: str) -> Rate | None:
        """A limit like `20/minute`; None for `off`."""
        return Rate.parse(self.str(var, default="") or default, var)

    def choice(self, var: str, *, of: str, default: str) -> str:
        """One of some words, which `of` names with spaces between them."""
        word: str = self.str(var, default="").strip() or default
        if word not in of.split():
            raise ImproperlyConfigured(f"{var} is {word!r}; it must be one of {', '.join(of.split())}")
        return word


# Without these, libpq waits for ever, and a database machine that vanished would block each thread for 15 minutes.
# Milliseconds for tcp_user_timeout, seconds for the others.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def database_config(url: str) -> dict[str, Any]:
    """Django's settings of the postgres:// URL in DATABASE_URL. Options in the URL win over PATIENCE."""
    try:
        config: dict[str, Any] = environ.Env.db_url_config(url) if "://" in url else {}
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is not a URL: {error}") from error
    if "postgresql" not in config.get("ENGINE", ""):
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// URL; ChatServer runs on PostgreSQL only")
    return config | {"OPTIONS": PATIENCE | config.get("OPTIONS", {})}
