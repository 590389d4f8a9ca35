"""Read markers and what is unread as JSON, and the bodies that move markers."""

from typing import Any

from rest_framework import serializers

from chats.access.unread import Unread
from chats.examples import EXAMPLE_MOVED_MARKER, EXAMPLE_UNREAD
from chatserver.http.fields import IdField
from chatserver.http.openapi import says, shows
from rooms.models import Membership


def shown_marker(member: Membership) -> dict[str, Any]:
    """One's own read marker. Needs the room."""
    return {
        "room_id": member.room_id,
        "seq": member.read_seq,
        "read_main_seq": member.read_main_seq,
        "unread": member.room.main_seq - member.read_main_seq,
    }


def shown_moved_marker(member: Membership, *, is_back: bool) -> dict[str, Any]:
    """A read marker as events tell it."""
    return {
        "room_id": member.room_id,
        "user_id": member.user_id,
        "seq": member.read_seq,
        "read_main_seq": member.read_main_seq,
        "is_back": is_back,
    }


@shows(read={"seq": 7}, unread={"unread_from": 12})
@says(
    {
        "if": {"not": {"required": ["unread_from"]}},
        "then": {"required": ["seq"]},
        "else": {"properties": {"seq": False}},
    }
)
class ReadMarkerSerializer(serializers.Serializer[Any]):
    """The seq up to which one has read, or the id of the message that is to be the first unread one."""

    seq = IdField(least=0, required=False)
    unread_from = IdField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"seq": "Name either a seq or unread_from."})
        return attrs


@shows(read={"room_id": 3, "seq": 7, "read_main_seq": 7, "unread": 0})
class ShownReadMarkerSerializer(serializers.Serializer[Any]):
    room_id = serializers.IntegerField(read_only=True)
    seq = serializers.IntegerField(read_only=True)
    read_main_seq = serializers.IntegerField(read_only=True)
    unread = serializers.IntegerField(read_only=True)


@shows(moved=EXAMPLE_MOVED_MARKER)
class MovedReadMarkerSerializer(serializers.Serializer[Any]):
    """A read marker, and whose it is. Without a count: that would be of another moment when it arrives."""

    room_id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True)
    seq = serializers.IntegerField(read_only=True)
    # The log keeps events of earlier releases, which have neither of these two, and the third.
    read_main_seq = serializers.IntegerField(required=False)
    is_back = serializers.BooleanField(required=False, help_text="it moved back; otherwise a lower one is old news")
    unread = serializers.IntegerField(required=False, help_text="only in events of earlier releases; to be ignored")


def shown_unread(unread: Unread) -> dict[str, Any]:
    """What a person has not read, with the sums."""
    return {
        "rooms": [room._asdict() for room in unread.rooms],
        "total": sum(room.unread for room in unread.rooms),
        "mentions": sum(room.mentions for room in unread.rooms),
        "threads": unread.threads,
    }


class RoomUnreadSerializer(serializers.Serializer[Any]):
    room_id = serializers.IntegerField(read_only=True)
    unread = serializers.IntegerField(read_only=True)
    mentions = serializers.IntegerField(read_only=True)


@shows(some=EXAMPLE_UNREAD)
class UnreadSerializer(serializers.Serializer[Any]):
    """The rooms where something is unread, and the sums."""

    rooms = RoomUnreadSerializer(many=True, read_only=True)
    total = serializers.IntegerField(read_only=True)
    mentions = serializers.IntegerField(read_only=True)
    threads = serializers.IntegerField(read_only=True, help_text="threads that I follow, with unread replies")
