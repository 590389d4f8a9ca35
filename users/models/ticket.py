"""Tickets, each of which opens one stream."""

import secrets

from django.db import models

from users.models.external_identity import ExternalIdentity
from users.models.token import Token
from users.models.user import User

TICKET_PREFIX = "ck_"


class Ticket(models.Model):
    """Opens one stream, once, for a client that can't send headers. Ends with the token, session or JWT behind it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tickets")
    secret_hash = models.BinaryField(max_length=32)
    token = models.ForeignKey(Token, on_delete=models.CASCADE, null=True, related_name="tickets")
    session_key = models.CharField(max_length=40, default="", blank=True, db_index=True)
    external_identity = models.ForeignKey(ExternalIdentity, on_delete=models.CASCADE, null=True, related_name="tickets")
    # When the JWT behind it expires.
    credential_expires_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["secret_hash"], name="users_ticket_secret")]

    @staticmethod
    def new_secret() -> str:
        return TICKET_PREFIX + secrets.token_urlsafe(32)
