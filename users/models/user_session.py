"""Whose a session is, and since when: Django's table of sessions says neither."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models


def session_credential(session_key: str) -> str:
    """Names a session without its key: the log stores this."""
    return "session:" + hashlib.sha256(session_key.encode()).hexdigest()


class UserSession(models.Model):
    """A session that somebody signed in with. Signing in again gives it a new number.

    Sessions of before this table, and those that a process of an older release made, have none: they are valid, but not
    listed.
    """

    # From the sequence of tokens: the two are one list, in the order in which they were made.
    id = models.BigIntegerField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    # No constraint in the database: a process of an older release may delete the session alone.
    session = models.OneToOneField(Session, models.CASCADE, related_name="of_user", db_constraint=False)
    credential = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    kind = "session"

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def expires_at(self) -> datetime:
        """Needs the session."""
        return self.session.expire_date
