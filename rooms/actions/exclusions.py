"""Settles the rooms of people who were banned or deleted, after that was committed.

Who was deleted leaves all rooms but the direct ones, General last. Who was banned is no owner any more, and stays a
member. The invitations that either made, and their requests to join, end. That can be hundreds of rooms, and nobody
there may wait for all of them: each room has a transaction of its own. What is to be done is a row of rooms_exclusion,
written together with the ban or the deletion, so that another process finishes what a crash left over. A row that a
process works at is locked, and the others pass over it.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from chatserver.events.topics import topic_of_everybody
from chatserver.storage.rows import one_or_none
from rooms.actions.announcements import tell_rooms
from rooms.actions.changes import end_memberships, give_role, name_new_owner
from rooms.actions.endings import end_invitations, end_join_requests
from rooms.locking import lock_room
from rooms.models import Exclusion, Invitation, JoinRequest, Kind, Membership, Role, Room
from users.locking import lock_to_check
from users.models import User


def note_exclusion(user: User) -> None:
    """Have a person's rooms settled, once the ban or the deletion is committed."""
    Exclusion.objects.create(user=user)
    # robust: the change is committed then; whatever fails here is the poll's to catch up, not the caller's error.
    transaction.on_commit(lambda: wake(), robust=True)


@transaction.atomic
def settle_next() -> bool:
    """Settle a room of somebody, or note that they have none left. False where nothing is left to do here.

    It picks anyone, so that nobody waits for those who have many rooms, or a room that stays locked.
    """
    exclusion = Exclusion.objects.select_for_update(skip_locked=True).order_by("?").first()
    if exclusion is None:
        return False
    user = lock_to_check([exclusion.user_id])[exclusion.user_id]
    mine = Membership.objects.filter(user=user).exclude(room__kind=Kind.DIRECT)
    if not user.is_deleted:
        mine = mine.none() if user.is_active else mine.filter(role=Role.OWNER)
    member = mine.select_related("room").order_by("-room_id").first()
    if member is None:
        room = None if user.is_active else _room_waiting_for(user)
        if room is None:
            exclusion.delete()
        else:
            _end_waiting(lock_room(room), user)
        return True
    room = lock_room(member.room)
    member = one_or_none(mine.select_related("user").filter(pk=member.pk))
    if member is None:
        return True  # it ended before the room was locked
    if user.is_deleted:
        if topic_of_everybody() is None:
            tell_rooms(user, [room.pk])  # while they are in it
        end_memberships(room, [member], actor_id=user.pk)
    else:
        give_role(room, member, Role.MEMBER)
        name_new_owner(room)
    return True


def _room_waiting_for(user: User) -> Room | None:
    """A room that the person has invited people to, or asks to join; a deleted one also what they are invited to."""
    invitations = Invitation.objects.filter(_invitations_of(user)).values("room")
    requests = JoinRequest.objects.filter(user=user).values("room")
    return Room.objects.filter(Q(pk__in=invitations) | Q(pk__in=requests)).first()


def _end_waiting(room: Room, user: User) -> None:
    end_invitations(room, _invitations_of(user), actor_id=None)
    end_join_requests(room, [user.pk], actor_id=None)


def _invitations_of(user: User) -> Q:
    return Q(inviter=user) | Q(user=user) if user.is_deleted else Q(inviter=user)


def settle_all() -> None:
    """Settle until nothing is left to do."""
    while settle_next():
        pass


# What note_exclusion() calls: a server process has a task for it.
wake: Callable[[], None] = settle_all
