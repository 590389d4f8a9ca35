"""How people appear to others."""

from enum import StrEnum


class Status(StrEnum):
    """How a person appears to others."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


PRESENCE_STATUSES = [status.value for status in Status]
