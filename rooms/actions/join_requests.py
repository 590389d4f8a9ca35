"""People ask to join closed rooms that take requests. To approve one is to add the person (see members.py)."""

from django.db import transaction

from chatserver.errors import Conflict, Forbidden, NotFound
from chatserver.events import log
from chatserver.events.topics import user_topic
from rooms.access.join_requests import takes_requests
from rooms.access.members import moderator_ids
from rooms.actions.endings import end_join_requests
from rooms.locking import lock_room, refresh_role
from rooms.models import JoinRequest, Membership, Room
from rooms.serializers.join_requests import shown_asked
from users.locking import lock_active
from users.models import User

# Of a room.
MAX_JOIN_REQUESTS = 1_000


@transaction.atomic
def ask_to_join(user: User, room: Room, message: str) -> tuple[JoinRequest, bool]:
    """Ask for a closed room; returns (request, created). Its owners and moderators hear it.

    NotFound where the room takes no requests, Conflict for members and where there are too many.
    """
    user = lock_active(user.pk)[user.pk]
    room = lock_room(room)
    if Membership.objects.filter(room=room, user=user).exists():
        raise Conflict("You are in this room.", code="already_a_member")
    if not takes_requests(room):
        raise NotFound("There is no such room.")
    if JoinRequest.objects.filter(room=room).exclude(user=user).count() >= MAX_JOIN_REQUESTS:
        raise Conflict("Too many people ask for this room.", code="too_many_join_requests")
    request, is_new = JoinRequest.objects.get_or_create(room=room, user=user, defaults={"message": message})
    request.user = user
    if is_new:
        shown = shown_asked(request)
        told = [(user_topic(moderator_id), shown) for moderator_id in moderator_ids(room)]
        log.emit_each("join_request.created", told, actor_id=user.pk, room_id=room.pk)
    return request, is_new


@transaction.atomic
def withdraw_request(user: User, room: Room) -> None:
    """No longer ask for a room; nothing where one does not."""
    lock_active(user.pk)
    room = lock_room(room)
    end_join_requests(room, [user.pk], actor_id=user.pk)


@transaction.atomic
def decline_request(actor: Membership, user_id: int) -> None:
    """Decline a person's request, if there is one. Forbidden except for owners and moderators."""
    lock_active(actor.user_id)
    room = lock_room(actor.room)
    refresh_role(actor, "There is no such room.")
    if not actor.may_moderate:
        raise Forbidden("Only its owners and moderators decide who joins a room.")
    end_join_requests(room, [user_id], actor_id=actor.user_id)
