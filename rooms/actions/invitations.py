"""People invite others to rooms, who accept or decline.

An invitation is worth what its inviter may do: where they may no longer add people it is void, and is ended
(endings.py). Who accepts holds the lock of the room, so a link has exactly so many uses.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chatserver.errors import Conflict, Forbidden
from chatserver.events import log
from chatserver.events.topics import user_topic
from chatserver.storage.rows import one_or_none
from rooms.access.blocks import are_blocked
from rooms.access.invitations import CODE_PREFIX, invitation_not_found, valid_invitations
from rooms.access.rules import direct_messages_closed
from rooms.actions.changes import add_people
from rooms.actions.endings import end_invitations
from rooms.limits import lock_room_counts
from rooms.locking import lock_group_of, lock_room
from rooms.models import Invitation, JoinRequest, Kind, Leaver, Membership, Room
from rooms.serializers.invitations import shown_invitation
from users.locking import lock_active
from users.models import User, hash_secret

CODE_BYTES = 32
LINK_SECONDS = 7 * 86_400
# Open ones: of a room, and of those that one member made there who is no moderator. So nobody uses up all of them.
MAX_INVITATIONS = 1_000
MAX_INVITATIONS_OF_A_MEMBER = 100


@transaction.atomic
def invite_person(actor: Membership, person: User, *, expires_in: int | None = None) -> tuple[Invitation, bool]:
    """Invite somebody to a group room; returns (invitation, created): they have one at most.

    Forbidden as for adding people, and between people of whom one blocks the other; Conflict for a member.
    """
    room, people = _lock(actor, [person.pk])
    if Membership.objects.filter(room=room, user=person).exists():
        raise Conflict("They are in this room.", code="already_a_member")
    if are_blocked(actor.user, person):
        raise direct_messages_closed()
    found = one_or_none(valid_invitations().select_related("room", "inviter").filter(room=room, user=person))
    if found is not None:
        return found, False
    # One that has expired, or is void.
    end_invitations(room, Q(user=person), actor_id=actor.user_id)
    invitation = _make(actor, room=room, inviter=people[actor.user_id], user=person, expires_at=_in(expires_in))
    topic, shown = user_topic(person.pk), shown_invitation(invitation)
    log.emit(topic, "invitation.created", shown, actor_id=actor.user_id, room_id=room.pk)
    return invitation, True


@transaction.atomic
def make_link(actor: Membership, *, expires_in: int = LINK_SECONDS, uses: int | None = None) -> tuple[Invitation, str]:
    """Make a link to a group room; returns it and its code, of which the hash is kept. Forbidden as invite_person()."""
    room, people = _lock(actor, [])
    code = CODE_PREFIX + secrets.token_urlsafe(CODE_BYTES)
    inviter = people[actor.user_id]
    made = _make(
        actor, room=room, inviter=inviter, code_hash=hash_secret(code), expires_at=_in(expires_in), uses_left=uses
    )
    return made, code


@transaction.atomic
def accept_invitation(user: User, invitation: Invitation) -> tuple[Membership, bool]:
    """Enter the room; returns (membership, created). A member stays one, and uses nothing up.

    NotFound where it has ended meanwhile, Forbidden for an archived room, or where they are in too many.
    """
    lock_room_counts([user.pk])
    user = lock_active(user.pk)[user.pk]
    room = lock_room(invitation.room)
    present = one_or_none(Membership.objects.select_related("user").filter(room=room, user=user))
    if present is not None:
        return present, False
    current = one_or_none(valid_invitations().filter(pk=invitation.pk))
    if current is None:
        raise invitation_not_found()
    if room.archived_at is not None:
        raise Forbidden("This room is archived.", code="room_archived")
    (member,) = add_people(room, [user], actor=user)
    Leaver.objects.filter(room=room, user=user).delete()
    if current.uses_left is not None and current.uses_left > 1:
        current.uses_left -= 1
        current.save(update_fields=["uses_left"])
    elif current.uses_left == 1:
        current.delete()
    return member, True


@transaction.atomic
def remove_invitation(actor: User, invitation: Invitation) -> None:
    """Decline or revoke an invitation. NotFound where it has ended."""
    lock_active(actor.pk)
    room = lock_room(invitation.room)
    if not end_invitations(room, Q(pk=invitation.pk), actor_id=actor.pk):
        raise invitation_not_found()


def forget_invitations() -> None:
    """Delete those that have expired, and what deleted people were invited to and asked for."""
    Invitation.objects.filter(Q(expires_at__lte=timezone.now()) | Q(user__deleted_at__isnull=False)).delete()
    JoinRequest.objects.filter(user__deleted_at__isnull=False).delete()


def _lock(actor: Membership, invited_ids: list[int]) -> tuple[Room, dict[int, User]]:
    """The room, and people. Forbidden for members of a closed room except its owners and moderators."""
    people = lock_active(actor.user_id, invited_ids)
    room = lock_group_of(actor)
    if room.kind == Kind.CLOSED and not actor.may_moderate:
        raise Forbidden("Only its owners and moderators invite people to a closed room.")
    return room, people


def _in(seconds: int | None) -> datetime | None:
    return None if seconds is None else timezone.now() + timedelta(seconds=seconds)


def _make(actor: Membership, *, room: Room, inviter: User, **fields: Any) -> Invitation:
    """Under the room's lock. `inviter` is the actor as they are now."""
    invitations = Invitation.objects.open().filter(room=room)
    most, whose = MAX_INVITATIONS, "The room has"
    if not actor.may_moderate:
        most, whose = MAX_INVITATIONS_OF_A_MEMBER, "You have"
        invitations = invitations.filter(inviter=inviter)
    if invitations.count() >= most:
        raise Conflict(f"{whose} {most} open invitations to it already.", code="too_many_invitations")
    return Invitation.objects.create(room=room, inviter=inviter, **fields)
