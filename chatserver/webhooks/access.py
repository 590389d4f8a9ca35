"""Which endpoints there are. Look-ups of the API start from the owner; what is not theirs is NotFound."""

from django.db.models import QuerySet

from chatserver.errors import NotFound
from chatserver.http.pagination import Cursor
from chatserver.http.parameters import LARGEST_ID
from chatserver.storage.rows import one_or_none
from chatserver.webhooks.models import Delivery, Endpoint, State


def active_endpoints() -> QuerySet[Endpoint]:
    """Those that get events: enabled, of a service account that is neither banned nor deleted."""
    return Endpoint.objects.filter(
        is_enabled=True, deleted_at=None, owner__is_active=True, owner__is_service=True
    ).order_by("pk")


def endpoints_of(owner_id: int) -> QuerySet[Endpoint]:
    """A service account's endpoints."""
    return Endpoint.objects.filter(owner=owner_id, deleted_at=None)


def endpoint_for(owner_id: int, endpoint_id: int) -> Endpoint:
    """One of them. NotFound."""
    found = one_or_none(endpoints_of(owner_id).filter(pk=endpoint_id))
    if found is None:
        raise NotFound
    return found


def delivery_for(endpoint: Endpoint, delivery_id: int) -> Delivery:
    """A delivery to this endpoint. NotFound."""
    found = one_or_none(Delivery.objects.filter(endpoint=endpoint, pk=delivery_id))
    if found is None:
        raise NotFound
    return found


def deliveries_page(endpoint: Endpoint, cursor: Cursor, state: State | None) -> list[Delivery]:
    """Deliveries to this endpoint, for pagination.key_page(); the newest ones without a cursor."""
    if cursor.side is None:
        cursor.side, cursor.text = "before", str(LARGEST_ID)
    found = Delivery.objects.filter(endpoint=endpoint)
    return cursor.slice(found if state is None else found.filter(state=state), "id")
