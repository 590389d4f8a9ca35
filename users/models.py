"""Users, and their tokens and tickets."""

import hashlib
import secrets
from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.crypto import salted_hmac

from users.records import PersonRecord

TOKEN_PREFIX = "ct_"  # noqa: S105 - lets secret scanners and people recognise one
TICKET_PREFIX = "ck_"


def hash_secret(secret: str) -> bytes:
    """What is stored of a token. The secret has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def token_credential(token_id: int) -> str:
    """Names a token."""
    return f"token:{token_id}"


def session_credential(session_key: str) -> str:
    """Names a session without its key: the log stores this."""
    return "session:" + hashlib.sha256(session_key.encode()).hexdigest()


def password_credential(user_id: int) -> str:
    """Names the password of a user."""
    return f"password:{user_id}"


class UserQuerySet(models.QuerySet["User"]):
    def present(self) -> "UserQuerySet":
        """Without deleted users."""
        return self.filter(deleted_at=None)

    def named(self, username: str) -> "UserQuerySet":
        """The user with this name, ignoring case (by the index users_user_name)."""
        name = models.Value(User.normalize_username(username))
        return self.filter(Exact(Lower("username"), Lower(name)))

    def starting_with(self, prefix: str) -> "UserQuerySet":
        """Users whose name begins so, ignoring case (by the index users_user_prefix)."""
        name = User.normalize_username(prefix).lower()
        return self.alias(lower_name=Lower("username")).filter(lower_name__startswith=name)


class UserManager(DjangoUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def named(self, username: str) -> UserQuerySet:
        return self.get_queryset().named(username)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.named(username or "").get()


class User(AbstractUser):
    """A person, or (is_service) a backend that acts for a product. Deleted people stay as nameless rows."""

    first_name = None  # type: ignore[assignment]  # Django's way to drop a field of an abstract base
    last_name = None  # type: ignore[assignment]  # the same
    display_name = models.CharField(max_length=80, blank=True, default="")
    avatar_url = models.URLField(max_length=500, blank=True, default="")
    is_service = models.BooleanField(default=False, help_text="A backend: may register people and sees addresses.")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    banned_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    session_salt = models.CharField(max_length=16, default="", blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="users_user_name")]
        # A search by prefix needs this operator class, whatever the database's collation.
        indexes = [models.Index(OpClass(Lower("username"), name="text_pattern_ops"), name="users_user_prefix")]

    def __str__(self) -> str:
        return self.username

    @property
    def record(self) -> PersonRecord:
        return PersonRecord(self.pk, self.username, self.display_name, self.avatar_url, self.is_deleted)

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def is_trusted(self) -> bool:
        """Staff and services register people, see addresses and log others out."""
        return self.is_staff or self.is_service

    def get_session_auth_hash(self) -> str:
        """Sessions hold this; a new password or a new salt ends them."""
        return self._session_auth_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_auth_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_auth_hash(self, secret: str | bytes) -> str:
        return salted_hmac("users.session", self.password + self.session_salt, secret=secret).hexdigest()

    def get_full_name(self) -> str:
        return self.display_name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class Token(models.Model):
    """A bearer token. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    secret_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

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
        return cls.objects.filter(pk=token_id).first() if kind == "token" else None

    @staticmethod
    def new_secret() -> str:
        return TOKEN_PREFIX + secrets.token_urlsafe(32)


class Ticket(models.Model):
    """Opens one stream, once, for a client that can't send headers. Ends with the token or session behind it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tickets")
    secret_hash = models.BinaryField(max_length=32)
    token = models.ForeignKey(Token, on_delete=models.CASCADE, null=True, related_name="tickets")
    session_key = models.CharField(max_length=40, default="", blank=True, db_index=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["secret_hash"], name="users_ticket_secret")]

    @staticmethod
    def new_secret() -> str:
        return TICKET_PREFIX + secrets.token_urlsafe(32)
