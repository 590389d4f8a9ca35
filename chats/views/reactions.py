"""Reactions over HTTP."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import message_for
from chats.access.reactions import reactions_page
from chats.actions.reactions import add_reaction, remove_reaction
from chats.emoji import canonical_emoji
from chats.models import MAX_EMOJI
from chats.serializers.reactions import ReactionSerializer, shown_reaction
from chats.views.messages import MESSAGE_ID
from chatserver.errors import Invalid
from chatserver.http.openapi import CURSOR_PARAMETERS, paged
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from rooms.limits import room_write_throttle
from users.access.people import caller

EMOJI = OpenApiParameter(
    "emoji",
    {"type": "string", "minLength": 1, "maxLength": MAX_EMOJI, "examples": ["\N{THUMBS UP SIGN}", ":shipit:"]},
    OpenApiParameter.PATH,
    description="an emoji, or a short code such as `:shipit:`; percent-encoded",
)


@extend_schema(parameters=[MESSAGE_ID])
class ReactionViewSet(viewsets.ViewSet):
    """Reactions to a message."""

    lookup_field = "emoji"
    lookup_value_regex = "[^/]+"
    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(ReactionSerializer))
    @refuses("message_not_found")
    def list(self, request: Request, message_id: str) -> Response:
        """Who reacted, and how; the first ones first."""
        cursor = Cursor(request)
        message = message_for(caller(request), object_id(message_id))
        found = reactions_page(message, cursor)
        return key_page(found, cursor, shown_reaction, lambda reaction: reaction.pk)

    @extend_schema(parameters=[EMOJI], request=None, responses={204: None})
    @refuses(
        "message_not_found",
        "message_removed",
        "system_message",
        "too_many_reactions",
        "room_archived",
        "direct_messages_closed",
    )
    def update(self, request: Request, message_id: str, emoji: str) -> Response:
        """React. To do it again changes nothing."""
        chosen, message = checked_emoji(emoji), message_for(caller(request), object_id(message_id))
        room_write_throttle.spend(request._request, message.room_id)
        add_reaction(caller(request), message.pk, chosen)
        return Response(status=204)

    @extend_schema(parameters=[EMOJI], responses={204: None})
    @refuses("message_not_found", "room_archived", "direct_messages_closed")
    def destroy(self, request: Request, message_id: str, emoji: str) -> Response:
        """Take my reaction back."""
        remove_reaction(caller(request), object_id(message_id), checked_emoji(emoji))
        return Response(status=204)


def checked_emoji(text: str) -> str:
    """In its one spelling. Invalid for what is none."""
    found = canonical_emoji(text)
    if found is None:
        raise Invalid("Neither an emoji nor a short code like :shipit:.", field="emoji")
    return found
