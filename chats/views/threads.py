"""Threads over HTTP."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.threads import FollowedThread, followed_threads, replies_page, root_for, thread_member_of
from chats.actions.threads import follow_thread, mark_thread_read, unfollow_thread
from chats.models import Message
from chats.serializers.messages import MessageSerializer, shown_messages
from chats.serializers.threads import (
    FollowedThreadSerializer,
    FollowingSerializer,
    ThreadReadMarkerSerializer,
    shown_following,
)
from chats.views.messages import MESSAGE_ID
from chatserver.http.bodies import validated
from chatserver.http.openapi import CURSOR_PARAMETERS, paged
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import OWN, Outsiders
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import flag, object_id
from users.access.people import caller

UNREAD = OpenApiParameter("unread", OpenApiTypes.BOOL, description="only those with unread replies")


def root_of(request: Request, message_id: str) -> Message:
    """The root of the thread that the message in the path is in."""
    return root_for(caller(request), object_id(message_id))


class ThreadViewSet(viewsets.ViewSet):
    """Threads that I follow."""

    key_scope = "messages"
    outsiders = Outsiders(OWN)

    @extend_schema(parameters=[UNREAD, *CURSOR_PARAMETERS], responses=paged(FollowedThreadSerializer))
    def list(self, request: Request) -> Response:
        """Threads that I follow, the latest reply first."""
        user, cursor = caller(request), Cursor(request)
        found = followed_threads(user, cursor, only_unread=flag(request, "unread"))
        roots = dict(zip(found, shown_messages(user, [each.root.record for each in found]), strict=True))

        def shown(each: FollowedThread) -> dict[str, Any]:
            unread = max(0, each.member.thread.last_seq - each.member.read_seq)
            return shown_following(each.root.room_id, each.member) | {"unread": unread, "root": roots[each]}

        return key_page(found, cursor, shown, lambda each: each.member.thread.last_reply_id or 0)


@extend_schema(parameters=[MESSAGE_ID])
class ReplyViewSet(viewsets.ViewSet):
    """The replies in a thread."""

    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(MessageSerializer))
    @refuses("message_not_found")
    def list(self, request: Request, message_id: str) -> Response:
        """Replies to a message, or where it is one, of its thread; the first ones first."""
        user, cursor = caller(request), Cursor(request)
        found = replies_page(root_of(request, message_id), cursor)
        replies = dict(zip(found, shown_messages(user, [reply.record for reply in found]), strict=True))
        return key_page(found, cursor, replies.__getitem__, lambda reply: reply.pk)


@extend_schema(parameters=[MESSAGE_ID])
class FollowViewSet(viewsets.ViewSet):
    """Whether I follow a thread."""

    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(responses=FollowingSerializer)
    @refuses("message_not_found")
    def list(self, request: Request, message_id: str) -> Response:
        """Whether I follow the thread of a message, and how far I have read it."""
        root = root_of(request, message_id)
        return Response(shown_following(root.room_id, thread_member_of(root, caller(request))))

    @extend_schema(request=None, responses=FollowingSerializer)
    @refuses("message_not_found", "message_removed", "system_message")
    def put_own(self, request: Request, message_id: str) -> Response:
        """Follow the thread of a message, also before anybody has replied."""
        root = root_of(request, message_id)
        return Response(shown_following(root.room_id, follow_thread(caller(request), root)))

    @extend_schema(responses={204: None})
    @refuses("message_not_found")
    def delete_own(self, request: Request, message_id: str) -> Response:
        """Follow the thread no longer."""
        unfollow_thread(caller(request), root_of(request, message_id))
        return Response(status=204)


@extend_schema(parameters=[MESSAGE_ID])
class ThreadReadMarkerViewSet(viewsets.ViewSet):
    """How far I have read a thread."""

    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(request=ThreadReadMarkerSerializer, responses=FollowingSerializer)
    @refuses("message_not_found")
    def put_own(self, request: Request, message_id: str) -> Response:
        """Move my read marker of a thread forward, to a thread_seq."""
        root = root_of(request, message_id)
        seq = validated(ThreadReadMarkerSerializer, request)["seq"]
        return Response(shown_following(root.room_id, mark_thread_read(caller(request), root, seq)))
