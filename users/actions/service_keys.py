"""Every change to service keys."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chatserver.errors import Conflict, Forbidden, Invalid
from chatserver.events import log
from chatserver.http.scopes import SCOPES
from users.actions.people import create_user
from users.locking import lock_to_change
from users.models import ServiceKey, User, hash_secret

MAX_KEY_DAYS = 36_500


@transaction.atomic
def issue_key(
    service: User, name: str, scopes: Iterable[str], *, expires_days: int | None = None
) -> tuple[str, ServiceKey]:
    """A new key of a service account. The secret is returned once; only its hash is kept.

    Invalid for scopes that do not exist, or none; Forbidden where the account is no service, or not active.
    """
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(SCOPES):
        raise Invalid(f"The scopes of a key are among {', '.join(SCOPES)}.", field="scopes")
    lock_to_change(service)
    if not (service.is_service and service.is_active):
        raise Forbidden("Only active service accounts have keys.")
    secret, now = ServiceKey.new_secret(), timezone.now()
    key = ServiceKey.objects.create(
        service=service,
        name=name,
        secret_hash=hash_secret(secret),
        scopes=wanted,
        created_at=now,
        expires_at=None if expires_days is None else now + timedelta(days=expires_days),
    )
    return secret, key


@transaction.atomic
def rotate_key(key: ServiceKey) -> tuple[str, ServiceKey]:
    """A second key with the same name, scopes and length of life. The first one stays valid until it is revoked.

    Conflict where it has been revoked.
    """
    lock_to_change(key.service)
    key.refresh_from_db(fields=["revoked_at"])
    if key.revoked_at is not None:
        raise Conflict("This key was revoked; make a new one.")
    days = None if key.expires_at is None else max(1, (key.expires_at - key.created_at).days)
    return issue_key(key.service, key.name, key.scopes, expires_days=days)


@transaction.atomic
def revoke_key(key: ServiceKey) -> None:
    """End a key, and the streams that were opened with it, also for people. Nothing where it was revoked before."""
    lock_to_change(key.service)
    if ServiceKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        log.revoke(key.service_id, "logged_out", credential=key.credential)


@transaction.atomic
def find_or_make_service(name: str) -> User:
    """The service account of this name, made if there is none. Conflict where somebody else has it."""
    found = User.objects.named(name).first()
    if found is None:
        found = create_user(name)
        User.objects.filter(pk=found.pk).update(is_service=True)
        found.is_service = True
    if not found.is_service:
        raise Conflict("This username is taken by an account that is no service.", code="username_taken")
    return found
