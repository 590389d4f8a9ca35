"""Invitations to a room and requests to join it end. The caller holds the lock of the room."""

from django.db.models import Q

from chatserver.events import log
from chatserver.events.topics import user_topic
from rooms.access.invitations import adders
from rooms.access.members import moderator_ids
from rooms.models import Invitation, JoinRequest, Room
from rooms.serializers.invitations import shown_ended_invitation
from rooms.serializers.join_requests import shown_ended_request


def end_invitations(room: Room, which: Q, *, actor_id: int | None) -> int:
    """End some invitations to a room. Returns how many there were."""
    ended = dict(Invitation.objects.filter(which, room=room).values_list("pk", "user_id"))
    if ended:
        Invitation.objects.filter(pk__in=ended).delete()
        told = [(user_topic(to), shown_ended_invitation(pk, room.pk)) for pk, to in ended.items() if to is not None]
        log.emit_each("invitation.removed", told, actor_id=actor_id, room_id=room.pk)
    return len(ended)


def end_void_invitations(room: Room, *, actor_id: int | None) -> None:
    """End the invitations of those who may no longer add people."""
    end_invitations(room, ~Q(inviter__in=adders().filter(room=room).values("user")), actor_id=actor_id)


def end_join_requests(room: Room, user_ids: list[int], *, actor_id: int | None) -> None:
    """End the requests of people to join a room: its owners and moderators hear it, and they do."""
    asked = JoinRequest.objects.filter(room=room, user__in=user_ids)
    ended = list(asked.values_list("user_id", flat=True))
    if ended:
        asked.delete()
        moderators = moderator_ids(room)
        told = [
            (user_topic(to), shown_ended_request(room.pk, user_id))
            for user_id in ended
            for to in (user_id, *moderators)
        ]
        log.emit_each("join_request.removed", told, actor_id=actor_id, room_id=room.pk)
