"""Tokens, which people sign in with."""

import hashlib
import secrets

from django.db import models
from django.utils import timezone

from chatserver.storage.rows import one_or_none
from users.models.user import User

TOKEN_PREFIX = "ct_"  # noqa: S105 - lets secret scanners and people recognise one


def hash_secret(secret: str) -> bytes:
    """What is stored of a token or a key. The secret has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def token_credential(token_id: int) -> str:
    """Names a token."""
    return f"token:{token_id}"


class Token(models.Model):
    """A bearer token. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    secret_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    kind = "token"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["secret_hash"], name="users_token_secret")]

    def __str__(self) -> str:
        return f"token {self.pk}"

    @property
    def credential(self) -> str:
        return token_credential(self.pk)

    @classmethod
    def of_credential(cls, credential: str) -> "Token | None":
        """The token that a credential names; None for another kind, or where the token has ended."""
        kind, _, token_id = credential.partition(":")
        return one_or_none(cls.objects.filter(pk=token_id)) if kind == "token" else None

    @staticmethod
    def new_secret() -> str:
        return TOKEN_PREFIX + secrets.token_urlsafe(32)
