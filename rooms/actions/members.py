"""What members change in memberships: they join, add, remove and give roles.

These lock the row of the room, as a message does, so that such changes have one order (see rooms/locking.py).
"""

from django.db import transaction
from django.utils import timezone

from chatserver.errors import Conflict, Forbidden, NotFound
from chatserver.storage.rows import one_or_none
from rooms.actions.changes import CONSENT_TIME, add_people, check_consent, give_role, remove_people
from rooms.limits import lock_room_counts
from rooms.locking import lock_group_of, lock_room, refresh_role
from rooms.models import Kind, Leaver, Membership, Role, Room
from users.locking import lock_active
from users.models import User


@transaction.atomic
def join_room(user: User, room: Room) -> tuple[Membership, bool]:
    """Join an open room; returns (membership, created).

    NotFound unless the room is open or they are a member, Forbidden where they are in too many rooms.
    """
    lock_room_counts([user.pk])
    user = lock_active(user.pk)[user.pk]
    room = lock_room(room)
    present = one_or_none(Membership.objects.select_related("user").filter(room=room, user=user))
    if present is not None:
        return present, False
    if room.kind != Kind.OPEN or room.archived_at is not None:
        raise NotFound("There is no such room.")
    (member,) = add_people(room, [user], actor=user)
    Leaver.objects.filter(room=room, user=user).delete()
    return member, True


@transaction.atomic
def add_members(actor: Membership, people: list[User]) -> list[Membership]:
    """Add people to a group room. Returns the new memberships; existing ones stay as they are.

    Forbidden for members of a closed room except its owners and moderators, and where one of the people has just left
    or is in too many rooms.
    """
    lock_room_counts(person.pk for person in people)
    active = lock_active(actor.user_id, [person.pk for person in people])
    room = lock_group_of(actor)
    if room.kind == Kind.CLOSED and not actor.may_moderate:
        raise Forbidden("Only its owners and moderators let people into a closed room.")
    check_consent(room, people)
    return add_people(room, [active[person.pk] for person in people], actor=active[actor.user_id])


@transaction.atomic
def remove_member(actor: Membership, member: Membership) -> None:
    """Remove a member from a group room, or leave it. Forbidden unless the actor outranks them."""
    people = lock_active(actor.user_id, shown_ids=[member.user_id])
    member.user = people[member.user_id]
    room = lock_group_of(actor, allows_archived=True)
    refresh_role(member)
    if actor.user_id != member.user_id and not actor.outranks(member):
        raise Forbidden("You may not remove this member.")
    if actor.user_id == member.user_id:
        Leaver.objects.update_or_create(room=room, user_id=member.user_id, defaults={"left_at": timezone.now()})
    remove_people(room, [member], actor=people[actor.user_id])


@transaction.atomic
def change_role(actor: Membership, member: Membership, role: str) -> Membership:
    """Give a member another role.

    Forbidden except for owners; NotFound where somebody would be raised who is not active; Conflict if the last owner
    would lose theirs.
    """
    raised = [] if role == Role.MEMBER else [member.user_id]
    member.user = lock_active(actor.user_id, raised, shown_ids=[member.user_id])[member.user_id]
    room = lock_group_of(actor)
    if not actor.is_owner:
        raise Forbidden("Only owners give roles.")
    refresh_role(member)
    others = Membership.objects.filter(room=room, role=Role.OWNER, user__is_active=True).exclude(pk=member.pk)
    if member.is_owner and role != Role.OWNER and not others.exists():
        raise Conflict("A room needs an owner; name another one first.", code="last_owner")
    if member.role != role:
        give_role(room, member, role, actor_id=actor.user_id)
    return member


def forget_leavers() -> None:
    """Delete what is remembered of people who left a room, where others may add them again."""
    Leaver.objects.filter(left_at__lt=timezone.now() - CONSENT_TIME, room__external_id=None).delete()
