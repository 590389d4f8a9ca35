"""Endpoints of a service account and their deliveries, over HTTP. For service keys alone."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Invalid
from chatserver.http.bodies import validated
from chatserver.http.caller import caller_of
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, path_id
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import OWN, Outsiders, outsiders_get
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from chatserver.webhooks import access, actions
from chatserver.webhooks.models import Delivery, Endpoint, State
from chatserver.webhooks.serializers import (
    DeliverySerializer,
    EndpointChangeSerializer,
    EndpointSerializer,
    EndpointWithSecretSerializer,
    NewEndpointSerializer,
    shown_delivery,
    shown_endpoint,
    shown_with_secret,
)

STATES = {state.name.lower(): state for state in State}
ENDPOINT_ID = path_id("id", "of an endpoint")
DELIVERY_ID = path_id("delivery_id", "of a delivery")
STATE = OpenApiParameter("state", {"type": "string", "enum": list(STATES)}, description="only those in this state")


def owner_id(request: Request) -> int:
    """The service account whose key came with the request."""
    caller = caller_of(request)
    assert caller is not None
    assert caller.service_id is not None
    return caller.service_id


class WebhookViewSet(viewsets.ViewSet):
    """Endpoints, to which events are delivered."""

    key_scope = "webhooks"
    only_keys = True
    outsiders = Outsiders("not_found")

    @outsiders_get(OWN)
    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(EndpointSerializer))
    def list(self, request: Request) -> Response:
        """My endpoints. Those of the key's service account, by id."""
        cursor = Cursor(request)
        found = cursor.slice(access.endpoints_of(owner_id(request)), "id")
        return key_page(found, cursor, shown_endpoint, lambda endpoint: endpoint.pk)

    @outsiders_get(OWN)
    @extend_schema(request=NewEndpointSerializer, responses={201: EndpointWithSecretSerializer})
    @refuses("too_many_webhooks")
    def create(self, request: Request) -> Response:
        """Have events delivered to a URL. The answer has the secret that signs them, which is not shown again."""
        body = {"types": ["*"]} | validated(NewEndpointSerializer, request)
        return Response(shown_with_secret(actions.create_endpoint(owner_id(request), **body)), status=201)

    @extend_schema(parameters=[ENDPOINT_ID], responses=EndpointSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One of my endpoints."""
        return Response(shown_endpoint(self._endpoint(request, pk)))

    @extend_schema(parameters=[ENDPOINT_ID], request=EndpointChangeSerializer, responses=EndpointSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an endpoint. Enabled again, it gets the events from then on."""
        endpoint = self._endpoint(request, pk)
        return Response(shown_endpoint(actions.change_endpoint(endpoint, validated(EndpointChangeSerializer, request))))

    @extend_schema(parameters=[ENDPOINT_ID], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete an endpoint with its deliveries."""
        actions.delete_endpoint(self._endpoint(request, pk))
        return Response(status=204)

    @extend_schema(parameters=[ENDPOINT_ID], request=None, responses=EndpointWithSecretSerializer)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        """Make a new secret. For 24 hours deliveries are signed with the old one, too."""
        return Response(shown_with_secret(actions.rotate_secret(self._endpoint(request, pk))))

    @extend_schema(parameters=[ENDPOINT_ID], request=None, responses={201: DeliverySerializer})
    @refuses("webhook_disabled")
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a test. An event `webhook.test`, which is in no log; its delivery tells how it went."""
        return Response(shown_delivery(actions.send_test(self._endpoint(request, pk))), status=201)

    @extend_schema(
        operation_id="webhooks_deliveries_list",
        parameters=[ENDPOINT_ID, STATE, *CURSOR_PARAMETERS],
        responses=paged(DeliverySerializer),
    )
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """The deliveries to an endpoint. The newest, in the order of their ids; earlier ones by `before`."""
        cursor, endpoint = Cursor(request), self._endpoint(request, pk)
        found = access.deliveries_page(endpoint, cursor, state_in(request))
        return key_page(found, cursor, shown_delivery, lambda delivery: delivery.pk)

    @extend_schema(parameters=[ENDPOINT_ID, DELIVERY_ID], responses=DeliverySerializer)
    @action(detail=True, methods=["get"], url_path=r"deliveries/(?P<delivery_id>[^/]+)")
    def delivery(self, request: Request, pk: str, delivery_id: str) -> Response:
        """One delivery."""
        return Response(shown_delivery(self._delivery(request, pk, delivery_id)))

    @extend_schema(parameters=[ENDPOINT_ID, DELIVERY_ID], request=None, responses=DeliverySerializer)
    @refuses("webhook_disabled")
    @action(detail=True, methods=["post"], url_path=r"deliveries/(?P<delivery_id>[^/]+)/replay")
    def replay(self, request: Request, pk: str, delivery_id: str) -> Response:
        """Deliver it once more, at once. One that still waits for its next attempt is tried now."""
        return Response(shown_delivery(actions.replay(self._delivery(request, pk, delivery_id))))

    def _endpoint(self, request: Request, pk: str) -> Endpoint:
        return access.endpoint_for(owner_id(request), object_id(pk))

    def _delivery(self, request: Request, pk: str, delivery_id: str) -> Delivery:
        return access.delivery_for(self._endpoint(request, pk), object_id(delivery_id))


def state_in(request: Request) -> State | None:
    """The state in the query; None without one. Invalid for any other word."""
    name = request.query_params.get("state")
    if name is None:
        return None
    if name not in STATES:
        raise Invalid(f"state must be one of {', '.join(STATES)}.", field="state")
    return STATES[name]
