"""People whom `manage.py seed` made."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """A seeded user and their token."""

    name: str
    user_id: int
    token: str


def read_accounts(tokens: Path) -> list[Account]:
    """From the file that `manage.py seed --tokens` writes."""
    rows = [line.split("\t") for line in tokens.read_text().splitlines()]
    return [Account(name, int(user_id), token) for name, user_id, token in rows]
