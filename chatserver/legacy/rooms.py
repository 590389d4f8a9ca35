"""Rooms and their messages."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import DEEPEST_ROW, latest_messages
from chats.actions.messages import send_direct_message, send_message
from chats.models import MAX_TEXT, Message
from chats.serializers.messages import NewMessageSerializer
from chatserver.errors import Forbidden, Invalid, NotFound
from chatserver.http.body_limits import accepts_texts
from chatserver.http.parameters import whole_number
from chatserver.legacy.base import LARGEST_LEGACY_PAGE, LegacyView, field
from chatserver.legacy.room_names import legacy_room, legacy_room_id
from rooms.access.rooms import direct_membership, membership_for, memberships_of
from rooms.actions.rooms import open_direct_room
from rooms.models import Membership
from users.access.people import active_people_for, caller
from users.models import User

PRELOADED_MESSAGES = 20


class RoomsView(LegacyView):
    """One's own rooms, most recently active first and General last."""

    def get(self, request: Request, user_id: str) -> Response:
        if user_id != str(request.user.pk):
            raise Forbidden("You may only list your own rooms.")
        mine = memberships_of(caller(request)).filter(room__archived_at=None)
        rooms = [member.room for member in mine.order_by("-room__activity")]
        return Response([legacy_room(room) for room in sorted(rooms, key=lambda room: room.is_general)])


class RoomView(LegacyView):
    """`{"user1":1,"user2":3}`: opens the direct room of oneself and another."""

    def post(self, request: Request) -> Response:
        pair = [whole_number(field(request, name), name) for name in ("user1", "user2")]
        if request.user.pk not in pair:
            raise Forbidden("You may only open rooms of your own.")
        room, is_new = open_direct_room(caller(request), other_of(caller(request), pair))
        return Response(legacy_room(room), status=201 if is_new else 200)


class MessagesView(LegacyView):
    """A room's messages, newest first, and new ones."""

    def get(self, request: Request, room_name: str) -> Response:
        member = old_membership(caller(request), room_name)
        offset = whole_number(request.query_params.get("offset", 0), "offset", most=DEEPEST_ROW)
        size = whole_number(request.query_params.get("size", 50), "size", least=1, most=LARGEST_LEGACY_PAGE)
        return Response([shown_old(message) for message in latest_messages(member)[offset : offset + size]])

    @accepts_texts(MAX_TEXT)
    def post(self, request: Request, room_name: str) -> Response:
        room = old_membership(caller(request), room_name).room
        return Response(shown_old(post_text(caller(request), room.pk, field(request, "message"))), status=201)


class PreloadView(LegacyView):
    """A room with its newest messages, newest first."""

    def get(self, request: Request, room_name: str) -> Response:
        member = old_membership(caller(request), room_name)
        messages = [shown_old(message) for message in latest_messages(member)[:PRELOADED_MESSAGES]]
        return Response({"id": room_name, "name": member.room.name, "messages": messages})


def post_text(sender: User, room_id: int, text: Any) -> Message:
    """Post a message to a room that the sender is in."""
    return send_message(sender, room_id, _checked_text(text, room_id=room_id))[0]


def post_or_open(sender: User, room_name: str, text: Any) -> None:
    """Post a message to a room by its old name. The direct room of a pair is created with its first message."""
    try:
        room = old_membership(sender, room_name).room
    except NotFound:
        pair = ids_in(room_name)
        if len(pair) != 2 or sender.pk not in pair:
            raise
        other = other_of(sender, pair)
        send_direct_message(sender, other, _checked_text(text, user_id=other.pk))
    else:
        post_text(sender, room.pk, text)


def _checked_text(text: Any, **target: int) -> str:
    body = NewMessageSerializer(data={"message": text, **target})
    body.is_valid(raise_exception=True)
    checked: str = body.validated_data["message"]
    return checked


def other_of(user: User, pair: list[int]) -> User:
    """The other one of a pair. NotFound if they are deleted, banned, or not there."""
    return active_people_for(user, [pair[1] if pair[0] == user.pk else pair[0]])[0]


def ids_in(room_name: str) -> list[int]:
    """The ids that the old name of a room has: one of a room, else those of people. NotFound if it is no such name."""
    try:
        return [whole_number(part, "room_id") for part in room_name.split(":")]
    except Invalid as error:
        raise NotFound("There is no such room.") from error


def old_membership(user: User, room_name: str) -> Membership:
    """The user's membership in a room by its old name, "1:3" or "0"; NotFound if it is not theirs."""
    ids = ids_in(room_name)
    return membership_for(user, ids[0]) if len(ids) == 1 else direct_membership(user, ids)


def shown_old(message: Message) -> dict[str, Any]:
    return {
        "date": message.sent_at.timestamp(),
        "from": message.sender_id,
        "message": "" if message.removed_at else message.text,
        "roomId": legacy_room_id(message.room_id, message.sender_id, message.recipient_id),
    }
