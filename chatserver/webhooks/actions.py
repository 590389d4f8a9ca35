"""Every change of endpoints and deliveries. What workers do is in claims.py."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from chatserver.errors import Conflict, NotFound
from chatserver.events import log, reader_cursor
from chatserver.storage.rows import one_or_none
from chatserver.webhooks.access import endpoints_of
from chatserver.webhooks.claims import TEST_TYPE
from chatserver.webhooks.fan_out import WEBHOOKS_READER, lane_alone
from chatserver.webhooks.models import MAX_ENDPOINTS, Delivery, Endpoint, State
from chatserver.webhooks.signatures import new_salt

# How long deliveries are signed with the old secret, too, after a rotation.
ROTATION_HOURS = 24
GONE_REASON = "The receiver answered 410 Gone."
MAKE_DUE = """
INSERT INTO webhooks_lane (endpoint_id, key) VALUES (%s, %s)
ON CONFLICT (endpoint_id, key) DO UPDATE SET due_at = statement_timestamp()
"""


@transaction.atomic
def create_endpoint(owner_id: int, *, url: str, **choices: Any) -> Endpoint:
    """A new endpoint of a service account. It gets the events from now on. Conflict where there are too many."""
    # Two at once are counted one after the other.
    get_user_model()._default_manager.select_for_update(no_key=True).get(pk=owner_id)
    if endpoints_of(owner_id).count() >= MAX_ENDPOINTS:
        raise Conflict(f"A service account has up to {MAX_ENDPOINTS} endpoints.", code="too_many_webhooks")
    # The first worker may start after the next event.
    reader_cursor.register(WEBHOOKS_READER, at_end=True)
    return Endpoint.objects.create(owner_id=owner_id, url=url, begins_after=log.position(), **choices)


@transaction.atomic
def change_endpoint(endpoint: Endpoint, changes: dict[str, Any]) -> Endpoint:
    """Change fields by their names. One that is enabled again gets the events from now on, and what still waits.

    NotFound where it was deleted meanwhile, here and in what follows.
    """
    endpoint = _locked(endpoint.pk)
    if changes.get("is_enabled") and not endpoint.is_enabled:
        changes = changes | {"begins_after": log.position(), "disabled_at": None, "disabled_reason": ""}
    elif changes.get("is_enabled") is False and endpoint.is_enabled:
        changes = changes | {"disabled_at": timezone.now(), "disabled_reason": "Its owner disabled it."}
    for name, value in changes.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(changes))
    return endpoint


def disable_endpoint(endpoint_id: int, reason: str) -> None:
    """Send it nothing more."""
    Endpoint.objects.filter(pk=endpoint_id, is_enabled=True).update(
        is_enabled=False, disabled_at=Now(), disabled_reason=reason
    )


def delete_endpoint(endpoint: Endpoint) -> None:
    """Its deliveries are deleted later, a part at a time (housekeeping.py)."""
    if not Endpoint.objects.filter(pk=endpoint.pk, deleted_at=None).update(is_enabled=False, deleted_at=Now()):
        raise NotFound


@transaction.atomic
def rotate_secret(endpoint: Endpoint) -> Endpoint:
    """Give it a new secret. For ROTATION_HOURS deliveries are signed with the old one, too."""
    endpoint = _locked(endpoint.pk)
    endpoint.previous_salt, endpoint.secret_salt = endpoint.secret_salt, new_salt()
    endpoint.previous_until = timezone.now() + timedelta(hours=ROTATION_HOURS)
    endpoint.save(update_fields=["previous_salt", "secret_salt", "previous_until"])
    return endpoint


@transaction.atomic
def send_test(endpoint: Endpoint) -> Delivery:
    """Have a test delivered, which is no event. Conflict while the endpoint is disabled."""
    endpoint = _locked_enabled(endpoint.pk)
    delivery = Delivery.objects.create(endpoint=endpoint, type=TEST_TYPE, lane="")
    delivery.lane = f"test:{delivery.pk}"
    delivery.save(update_fields=["lane"])
    _make_due(delivery)
    return delivery


@transaction.atomic
def replay(delivery: Delivery) -> Delivery:
    """Deliver it once more, at once and beside the order. One that still waits is tried now, in its order.

    Conflict while the endpoint is disabled; NotFound where the delivery was deleted meanwhile.
    """
    _locked_enabled(delivery.endpoint_id)
    found = one_or_none(Delivery.objects.select_for_update().filter(pk=delivery.pk))
    if found is None:
        raise NotFound
    delivery = found
    if delivery.state != State.WAITING:
        if delivery.position is not None:
            delivery.lane = lane_alone(delivery.position)
        delivery.state, delivery.attempts, delivery.next_attempt_at = State.WAITING, 0, None
        delivery.save(update_fields=["lane", "state", "attempts", "next_attempt_at"])
    _make_due(delivery)
    return delivery


def _locked(endpoint_id: int) -> Endpoint:
    """The endpoint as it is now, and stays until the commit. NotFound where it was deleted."""
    found = one_or_none(Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id, deleted_at=None))
    if found is None:
        raise NotFound
    return found


def _locked_enabled(endpoint_id: int) -> Endpoint:
    endpoint = _locked(endpoint_id)
    if not endpoint.is_enabled:
        raise Conflict("The endpoint is disabled.", code="webhook_disabled")
    return endpoint


def _make_due(delivery: Delivery) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MAKE_DUE, [delivery.endpoint_id, delivery.lane])
