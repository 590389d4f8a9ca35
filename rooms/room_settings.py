"""What the owners of a room set for everybody in it."""

from typing import NamedTuple

from django.db import models

MAX_MESSAGE_LENGTH = 4000
MAX_SLOW_MODE_SECONDS = 21_600
MAX_EDIT_MINUTES = 525_600
# Moderators do not change these.
FOR_OWNERS = {"archived", "posting", "history", "pinning", "edit_minutes", "max_length", "join_requests", "metadata"}


class Allowed(models.TextChoices):
    """Who may do something in a room. Moderators are its owners, too."""

    EVERYONE = "everyone"
    MODERATORS = "moderators"


class History(models.TextChoices):
    """Which messages of a room those see who join it. It is fixed for each of them when they join."""

    ALL = "all"
    FROM_JOINING = "from_joining"


class RoomSettingsRecord(NamedTuple):
    """What holds in a room. `metadata` is JSON."""

    posting: str
    history: str
    slow_mode_seconds: int
    edit_minutes: int | None
    max_length: int | None
    pinning: str
    join_requests: bool
    metadata: str
