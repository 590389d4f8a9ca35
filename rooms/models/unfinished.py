"""People whose rooms are still to hear something of them, or to be settled: what is left to do after a transaction."""

from django.conf import settings
from django.db import models


class Announcement(models.Model):
    """A person whose rooms are still to hear what they are called now (see rooms/actions/announcements.py)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    last_room = models.BigIntegerField(default=-1, help_text="the rooms up to this one have heard it")

    def __str__(self) -> str:
        return f"announcement of {self.user}"


class Exclusion(models.Model):
    """A person who was banned or deleted, and whose rooms are still to be settled (see rooms/actions/exclusions.py)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"exclusion of {self.user}"
