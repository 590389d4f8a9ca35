"""What each person sets for themselves in a room."""

from datetime import datetime
from typing import NamedTuple

from django.db import models


class Notify(models.TextChoices):
    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


class MemberSettingsRecord(NamedTuple):
    """What a person set in a room."""

    notify: str
    muted_until: datetime | None
    is_pinned: bool
    hidden_seq: int | None

    def is_hidden(self, main_seq: int) -> bool:
        """A hidden room shows again as soon as somebody writes there, other than a reply in a thread."""
        return self.hidden_seq is not None and main_seq <= self.hidden_seq
