"""Endpoints and deliveries as JSON, and the bodies that are accepted."""

from typing import Any

from rest_framework import serializers

from chatserver.events.type_patterns import MAX_PATTERNS, is_known
from chatserver.http.fields import BoundedListField, FlagField, IdField, TextField
from chatserver.http.openapi import shows
from chatserver.times import api_time
from chatserver.webhooks.endpoint_urls import refusal_of
from chatserver.webhooks.models import MAX_PATTERN, MAX_ROOM_FILTER, MAX_URL, Delivery, Endpoint, State
from chatserver.webhooks.signatures import secret_of

EXAMPLE_ENDPOINT = {
    "id": 5,
    "url": "https://shop.example/chat-events",
    "types": ["message.*"],
    "rooms": None,
    "enabled": True,
    "ordered": True,
    "disabled_at": None,
    "disabled_reason": None,
    "created_at": "2026-11-22T13:33:24Z",
}
EXAMPLE_SECRET = {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
EXAMPLE_DELIVERY = {
    "id": 77,
    "webhook_id": "evt_812_5",
    "position": 812,
    "type": "message.created",
    "room_id": 3,
    "state": "delivered",
    "attempts": 1,
    "status": 204,
    "answer": "",
    "error": "",
    "seconds": 0.031,
    "created_at": "2026-11-22T13:33:24Z",
    "attempted_at": "2026-11-22T13:33:24Z",
    "next_attempt_at": None,
}


def shown_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint, without its secret."""
    return {
        "id": endpoint.pk,
        "url": endpoint.url,
        "types": endpoint.types,
        "rooms": endpoint.rooms,
        "enabled": endpoint.is_enabled,
        "ordered": endpoint.is_ordered,
        "disabled_at": api_time(endpoint.disabled_at),
        "disabled_reason": endpoint.disabled_reason or None,
        "created_at": api_time(endpoint.created_at),
    }


def shown_with_secret(endpoint: Endpoint) -> dict[str, Any]:
    """The same with the secret: after it was made."""
    return shown_endpoint(endpoint) | {"secret": secret_of(endpoint.secret_salt)}


def shown_delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "webhook_id": delivery.webhook_id,
        "position": delivery.position,
        "type": delivery.type,
        "room_id": delivery.room_id,
        "state": State(delivery.state).name.lower(),
        "attempts": delivery.attempts,
        "status": delivery.status,
        "answer": delivery.answer,
        "error": delivery.error,
        "seconds": None if delivery.seconds is None else round(delivery.seconds, 3),
        "created_at": api_time(delivery.created_at),
        "attempted_at": api_time(delivery.attempted_at),
        "next_attempt_at": api_time(delivery.next_attempt_at),
    }


@shows(an_endpoint=EXAMPLE_ENDPOINT)
class EndpointSerializer(serializers.Serializer[Endpoint]):
    """The schema of shown_endpoint()."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    types = serializers.ListField(child=serializers.CharField())
    rooms = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    enabled = serializers.BooleanField()
    ordered = serializers.BooleanField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


@shows(an_endpoint=EXAMPLE_ENDPOINT | EXAMPLE_SECRET)
class EndpointWithSecretSerializer(EndpointSerializer):
    """It is shown here, and never again."""

    secret = serializers.CharField()


@shows(a_delivery=EXAMPLE_DELIVERY)
class DeliverySerializer(serializers.Serializer[Delivery]):
    """The schema of shown_delivery()."""

    id = serializers.IntegerField()
    webhook_id = serializers.CharField()
    position = serializers.IntegerField(allow_null=True, help_text="of the event; null for a test")
    type = serializers.CharField()
    room_id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField([state.name.lower() for state in State])
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="of the last answer")
    answer = serializers.CharField(allow_blank=True, help_text="the first 1 KB of its body")
    error = serializers.CharField(allow_blank=True, help_text="why there was no answer")
    seconds = serializers.FloatField(allow_null=True, help_text="how long the last attempt took")
    created_at = serializers.DateTimeField()
    attempted_at = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)


class TypePatternField(TextField):
    """A type of events, `message.*` or `*`."""

    default_error_messages = {"unknown": "There is no event whose type this means."}

    def to_internal_value(self, data: Any) -> str:
        pattern = super().to_internal_value(data)
        if not is_known(pattern):
            self.fail("unknown")
        return pattern


class EndpointUrlField(TextField):
    """An https URL, without user, password and fragment."""

    def to_internal_value(self, data: Any) -> str:
        url = super().to_internal_value(data)
        refusal = refusal_of(url)
        if refusal is not None:
            raise serializers.ValidationError(refusal, code="invalid")
        return url


class _ChoicesSerializer(serializers.Serializer[Any]):
    types = BoundedListField(
        child=TypePatternField(max_length=MAX_PATTERN), max_length=MAX_PATTERNS, min_length=1, required=False
    )
    rooms = BoundedListField(
        child=IdField(least=0), max_length=MAX_ROOM_FILTER, min_length=1, allow_null=True, required=False
    )
    enabled = FlagField(source="is_enabled", required=False)
    ordered = FlagField(source="is_ordered", required=False)


@shows(messages={"url": "https://shop.example/chat-events", "types": ["message.*"]})
class NewEndpointSerializer(_ChoicesSerializer):
    """All events of all rooms, in order, where nothing else is said."""

    url = EndpointUrlField(max_length=MAX_URL)


@shows(pause={"enabled": False})
class EndpointChangeSerializer(_ChoicesSerializer):
    url = EndpointUrlField(max_length=MAX_URL, required=False)
