"""Whom a person blocks, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.openapi import CURSOR_PARAMETERS, paged, path_id
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import ALL, OWN, Outsiders, outsiders_get
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from rooms.access.blocks import block_of, blocks_page
from rooms.actions.blocks import block_person, unblock_person
from rooms.serializers.blocks import BlockSerializer, shown_block
from users.access.people import caller, user_for

BLOCKED_ID = path_id("user_id", "of a user")


class BlockViewSet(viewsets.ViewSet):
    """Whom I block."""

    lookup_field = "user_id"
    key_scope = "users"
    outsiders = Outsiders("not_found", services=ALL)

    @outsiders_get(OWN)
    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(BlockSerializer))
    def list(self, request: Request) -> Response:
        """Whom I block, by user id."""
        cursor = Cursor(request)
        return key_page(blocks_page(caller(request), cursor), cursor, shown_block, lambda block: block.blocked_id)

    @extend_schema(parameters=[BLOCKED_ID], request=None, responses={201: BlockSerializer, 200: BlockSerializer})
    @refuses("no_block_of_oneself", "too_many_blocks")
    def update(self, request: Request, user_id: str) -> Response:
        """Block a person: neither of us sends direct messages to the other. To do it again changes nothing."""
        block, is_new = block_person(caller(request), user_for(caller(request), object_id(user_id)))
        return Response(shown_block(block), status=201 if is_new else 200)

    @outsiders_get(OWN)
    @extend_schema(parameters=[BLOCKED_ID], responses={204: None})
    def destroy(self, request: Request, user_id: str) -> Response:
        """No longer block a person."""
        block = block_of(caller(request), object_id(user_id))
        if block is not None:
            unblock_person(caller(request), block.blocked)
        return Response(status=204)
