"""Users."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.lookups import Exact
from django.utils.crypto import salted_hmac

from users.email_addresses import normal_address
from users.password_forms import normal_password, password_forms
from users.records import PersonRecord
from users.usernames import (
    MAX_FOLDED_USERNAME,
    MAX_USERNAME,
    check_username,
    columns_of,
    fold_username,
    normal_username,
    skeletons_of,
)

# In code points. A longer one is refused before it is hashed.
MAX_PASSWORD = 1_000


def password_credential(user_id: int) -> str:
    """Names the password of a user."""
    return f"password:{user_id}"


class UserQuerySet(models.QuerySet["User"]):
    def present(self) -> "UserQuerySet":
        """Without deleted users."""
        return self.filter(deleted_at=None)

    def appearing(self) -> "UserQuerySet":
        """Those who appear online when they are: not the banned and the deleted."""
        return self.filter(is_active=True, is_invisible=False)

    def named(self, username: str) -> "UserQuerySet":
        """The user with this name in any spelling. Where two share a folded name, first the one who is spelled so."""
        name = normal_username(username)
        if name is None:
            return self.none()
        owner = models.Q(folded_username=fold_username(name), shares_folded_name=False)
        is_exact = Exact(models.F("username"), models.Value(name))
        return self.filter(models.Q(username=name) | owner).order_by(is_exact.desc())

    def starting_with(self, prefix: str) -> "UserQuerySet":
        """Users whose folded name begins so (by the index users_user_folded_prefix)."""
        name = normal_username(prefix)
        return self.none() if name is None else self.filter(folded_username__startswith=fold_username(name))

    def looking_like(self, username: str) -> "UserQuerySet":
        """Users whose name may be taken for this one, which is in its normal form; those of this very name, too."""
        return self.filter(username_skeletons__overlap=skeletons_of(username))


class UserManager(DjangoUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def named(self, username: str) -> UserQuerySet:
        return self.get_queryset().named(username)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.named(username or "")[:1].get()

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return normal_address(email or "")

    def create_user(self, username: str, email: str | None = None, password: str | None = None, **more: Any) -> "User":
        columns = columns_of(User.normalize_username(username))
        return super().create_user(username, email, normal_password(password), **columns, **more)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **more: Any
    ) -> "User":
        columns = columns_of(User.normalize_username(username))
        return super().create_superuser(username, email, normal_password(password), **columns, **more)


class User(AbstractUser):
    """A person, or (is_service) a backend that acts for a product. Deleted people stay as nameless rows."""

    first_name = None  # type: ignore[assignment]  # Django's way to drop a field of an abstract base
    last_name = None  # type: ignore[assignment]  # the same
    username = models.CharField(max_length=MAX_USERNAME, unique=True, validators=[check_username])
    folded_username = models.CharField(max_length=MAX_FOLDED_USERNAME, editable=False)
    shares_folded_name = models.BooleanField(
        default=False, editable=False, help_text="An older user has the same name when folded. Signs in as spelled."
    )
    username_skeletons = ArrayField(models.TextField(), editable=False)
    display_name = models.CharField(max_length=80, blank=True, default="")
    avatar_url = models.URLField(max_length=500, blank=True, default="")
    is_service = models.BooleanField(default=False, help_text="A backend: may register people and sees addresses.")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    is_invisible = models.BooleanField(default=False, db_default=False, help_text="Appears offline to others.")
    banned_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    session_salt = models.CharField(max_length=16, default="", blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        permissions = [
            ("set_password", "Can set the password of a user"),
            ("ban_user", "Can ban and unban users"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["folded_username"],
                condition=models.Q(shares_folded_name=False),
                name="users_user_folded_name",
            )
        ]
        indexes = [
            # A search by prefix needs this operator class, whatever the database's collation.
            models.Index(fields=["folded_username"], opclasses=["text_pattern_ops"], name="users_user_folded_prefix"),
            GinIndex(fields=["username_skeletons"], name="users_user_skeletons"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def record(self) -> PersonRecord:
        return PersonRecord(self.pk, self.username, self.display_name, self.avatar_url, self.is_deleted)

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def is_appearing(self) -> bool:
        """As UserQuerySet.appearing()."""
        return self.is_active and not self.is_invisible

    @property
    def is_trusted(self) -> bool:
        """Staff and services register people and log others out."""
        return self.is_staff or self.is_service

    @property
    def is_privileged(self) -> bool:
        """Those whom only superusers may change, and who never sign in without a password."""
        return self.is_trusted or self.is_superuser

    @property
    def may_see_addresses(self) -> bool:
        """Services, and staff with Django's permission to view users, see everybody's e-mail address."""
        return self.is_service or (self.is_staff and self.has_perm("users.view_user"))

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(normal_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        forms = [] if raw_password is None else password_forms(raw_password)
        return any(super(User, self).check_password(form) for form in forms)

    def get_session_auth_hash(self) -> str:
        """Sessions hold this; a new password or a new salt ends them."""
        return self._session_auth_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_auth_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_auth_hash(self, secret: str | bytes) -> str:
        """A session from before somebody without a password was made staff or a service ends: it may be anybody's."""
        mark = "privileged" if self.is_privileged and not self.has_usable_password() else ""
        return salted_hmac("users.session", self.password + self.session_salt + mark, secret=secret).hexdigest()

    def get_full_name(self) -> str:
        return self.display_name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()
