"""Who is in a room, who shares one, and who may be added to one."""

from typing import Any

from django.db.models import QuerySet

from chatserver.errors import NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from rooms.models import JoinRequest, Membership, Role, Room
from users.access.directory import known_ids
from users.access.people import active_people
from users.models import User

# Who hears of requests to join a room.
MAX_TOLD_MODERATORS = 20


def acquaintances(user: User) -> QuerySet[Any]:
    """The ids of the people with whom a person shares a room."""
    return Membership.objects.filter(room__in=Membership.objects.filter(user=user).values("room")).values("user_id")


def members_of(room: Room) -> QuerySet[Membership]:
    """The members of a room. Deleted people are in direct rooms only, whose two people stay."""
    members = Membership.objects.filter(room=room).select_related("user")
    return members if room.is_direct else members.filter(user__deleted_at=None)


def members_page(room: Room, cursor: Cursor) -> list[Membership]:
    """Up to limit + 1 members of a room, by user id."""
    return cursor.slice(members_of(room), "user_id")


def member_of(room: Room, user_id: int) -> Membership:
    """A user's membership in a room that the caller is in, or NotFound."""
    found = one_or_none(members_of(room).filter(user_id=user_id))
    if found is None:
        raise NotFound("There is no such member.")
    return found


def people_to_add(viewer: User, member: Membership, user_ids: list[int]) -> list[User]:
    """These people, whom the viewer, a member, adds to their room; in order of their ids.

    NotFound where one is a stranger, not there, banned or deleted. Owners and moderators see who asks to join their
    room, so those are no strangers there.
    """
    known = known_ids(viewer, user_ids)
    strangers = set(user_ids) - known
    if strangers and member.may_moderate:
        asking = JoinRequest.objects.filter(room=member.room_id, user__in=strangers)
        known |= set(asking.values_list("user_id", flat=True))
    return active_people(user_ids, among=known)


def moderator_ids(room: Room) -> list[int]:
    """The owners and moderators of a room, the oldest first; as many as hear of requests to join."""
    moderators = Membership.objects.filter(room=room).exclude(role=Role.MEMBER).order_by("pk")
    return list(moderators.values_list("user_id", flat=True)[:MAX_TOLD_MODERATORS])
