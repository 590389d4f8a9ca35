"""Threads as one person sees them, as JSON, and the bodies that are accepted."""

from typing import Any

from rest_framework import serializers

from chats.examples import EXAMPLE_FOLLOWED, EXAMPLE_MESSAGE, EXAMPLE_THREAD
from chats.models import ThreadMember
from chats.serializers.messages import MessageSerializer
from chatserver.http.fields import IdField
from chatserver.http.openapi import shows


def shown_following(room_id: int, member: ThreadMember) -> dict[str, Any]:
    """Whether somebody follows a thread of a room, and how far they have read it."""
    return {
        "root_id": member.thread_id,
        "room_id": room_id,
        "following": member.is_following,
        "read_seq": member.read_seq,
    }


@shows(a_thread=EXAMPLE_FOLLOWED)
class FollowingSerializer(serializers.Serializer[Any]):
    """The schema of shown_following(). What is unread is the thread's last_seq - read_seq."""

    root_id = serializers.IntegerField()
    room_id = serializers.IntegerField()
    following = serializers.BooleanField()
    read_seq = serializers.IntegerField()


@shows(a_thread=EXAMPLE_FOLLOWED | {"unread": 1, "root": EXAMPLE_MESSAGE | {"reactions": [], "thread": EXAMPLE_THREAD}})
class FollowedThreadSerializer(FollowingSerializer):
    """A thread that I follow."""

    unread = serializers.IntegerField()
    root = MessageSerializer()


@shows(read={"seq": 0})
class ThreadReadMarkerSerializer(serializers.Serializer[Any]):
    """The thread_seq up to which one has read."""

    seq = IdField(least=0)
