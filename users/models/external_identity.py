"""Whom an identity provider, or the backend of a host product, means by a subject: the `sub` of its JWTs."""

import hashlib
import re

from django.conf import settings
from django.db import models
from django.utils import timezone

from chatserver.errors import Invalid

# In code points. OpenID Connect allows 255 for a `sub`.
MAX_SUBJECT = 255
ERASED = "erased "
ERASED_SUBJECT = re.compile(ERASED + "[0-9a-f]{64}")


class ExternalIdentity(models.Model):
    """A person by issuer and subject. The issuer is empty where tokens name none.

    The row of a deleted person stays, with a hash of their subject: that never becomes somebody else.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="external_identities")
    issuer = models.CharField(max_length=MAX_SUBJECT, blank=True)
    subject = models.CharField(max_length=MAX_SUBJECT)
    created_at = models.DateTimeField(default=timezone.now)
    # When the newest token was issued whose claims the profile has.
    claims_at = models.DateTimeField(null=True)
    # Tokens that were issued until then, or do not say when, are refused.
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="users_external_identity")]

    def __str__(self) -> str:
        return f"external identity {self.pk}"


def host_issuer() -> str:
    """Under which issuer the host's own ids are: that of its JWTs, whose `sub` they are."""
    issuer: str = settings.CHAT_JWT_KEYS.issuer
    return issuer


def jwt_credential(identity_id: int) -> str:
    """Names all JWTs of an identity: before they expire, they end together only."""
    return f"jwt:{identity_id}"


def erased_subject(issuer: str, subject: str) -> str:
    """What is kept of a deleted person's subject. Not keyed: it has to be known also when SECRET_KEY is another one."""
    return ERASED + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def is_subject(text: object) -> bool:
    """Whether this can name a person, or an issuer: 1 to 255 characters that all show, compared as they are.

    One that looks like erased_subject() names nobody: find_people() would take its owner for whom it is the hash of.
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_SUBJECT or ERASED_SUBJECT.fullmatch(text):
        return False
    return text.isprintable() and text == text.strip()


def check_external_id(text: str) -> str:
    """What the host product calls a person or a room: the same rule. Invalid."""
    if not is_subject(text):
        raise Invalid(f"An external id has 1 to {MAX_SUBJECT} characters that can be seen.", field="external_id")
    return text
