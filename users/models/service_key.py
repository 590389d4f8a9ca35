"""Service keys: the credentials of backends, with scopes. Only hashes of them are kept."""

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

KEY_PREFIX = "csk_"
MAX_KEY_NAME = 80


def key_credential(key_id: int | str) -> str:
    """Names a service key; with "", all of them."""
    return f"key:{key_id}"


class ServiceKeyQuerySet(models.QuerySet["ServiceKey"]):
    def live(self) -> "ServiceKeyQuerySet":
        """Those that are neither revoked nor expired."""
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None)


class ServiceKey(models.Model):
    """A key of a service account. It may have several at once, so that they can be rotated."""

    service = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="service_keys")
    name = models.CharField(max_length=MAX_KEY_NAME)
    secret_hash = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ServiceKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["secret_hash"], name="users_servicekey_secret")]

    def __str__(self) -> str:
        return f"service key {self.pk}"

    @property
    def credential(self) -> str:
        return key_credential(self.pk)

    @staticmethod
    def new_secret() -> str:
        return KEY_PREFIX + secrets.token_urlsafe(32)
