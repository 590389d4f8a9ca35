"""What the host product changes: rooms by external ids, from its backend and from the claims of its tokens.

Such rooms have no owner, so none is named when members leave, and none of them is archived for want of one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from rest_framework.exceptions import ValidationError

from chatserver.errors import Forbidden, Invalid
from chatserver.storage.rows import one_or_none
from rooms.access.external_ids import check_external_room_id
from rooms.actions.changes import add_people, change_fields, fill_room, remove_people
from rooms.limits import check_room_counts, lock_room_counts
from rooms.locking import lock_room
from rooms.models import Kind, Leaver, Membership, Room
from rooms.serializers.rooms import ClaimedRoomSerializer
from users.access.people import check_found
from users.locking import lock_active
from users.models import User

# Of a claim with more rooms the others are ignored.
MAX_CLAIMED_ROOMS = 100
# Members that one transaction removes.
MAX_REMOVED_AT_ONCE = 200
logger = structlog.get_logger(__name__)


def enter_claimed_rooms(user: User, claim: Any) -> None:
    """Put a person into the rooms of their token's claim, [{"id": "order-551", "name": "Order 551"}].

    A room that is not there is made, closed and with that name. They do not come back into one that they left or were
    removed from, nor into one that is archived. What can't be read is ignored, as are rooms beyond CHAT_MAX_ROOMS: for
    a mistake in a token nobody is shut out. One query where there is nothing to do.
    """
    names = _claimed_names(claim)
    is_in = Exists(Membership.objects.filter(room=OuterRef("pk"), user=user))
    has_left = Exists(Leaver.objects.filter(room=OuterRef("pk"), user=user))
    settled = Room.objects.filter(is_in | has_left | Q(archived_at__isnull=False), external_id__in=list(names))
    for external_id in sorted(names.keys() - set(settled.values_list("external_id", flat=True))):
        try:
            _enter(user, external_id, names[external_id])
        except Forbidden as refusal:
            logger.warning("claimed_room_refused", user_id=user.pk, code=refusal.code)
            return


def _claimed_names(claim: Any) -> dict[str, str]:
    """The names of the claimed rooms by external id."""
    names = {}
    for entry in claim[:MAX_CLAIMED_ROOMS] if isinstance(claim, list) else ():
        try:
            body = ClaimedRoomSerializer().run_validation(entry)
            names[check_external_room_id(body["id"])] = body["name"]
        except (ValidationError, Invalid):
            logger.warning("claimed_room_invalid")
    return names


@transaction.atomic
def _enter(user: User, external_id: str, name: str) -> None:
    lock_room_counts([user.pk])
    user = lock_active(user.pk)[user.pk]
    room, is_new = _lock_or_make(external_id, name=name, kind=Kind.CLOSED, members_count=1)
    if is_new:
        check_room_counts([user.pk])
        fill_room(room, [Membership(room=room, user=user)], actor_id=user.pk)
    elif room.archived_at is None and not Leaver.objects.filter(room=room, user=user).exists():
        add_people(room, [user], actor=user)


def put_room(
    service: User, external_id: str, changes: dict[str, Any], member_ids: Sequence[int], *, exact: bool
) -> tuple[Room, bool]:
    """Make a room, or bring it to this state; returns (room, created). Safe in parallel.

    The members are added, also those who had left; with `exact` all others are removed. Members who are banned stay
    what they are. NotFound where one is not there or deleted, Forbidden where one is in too many rooms, or for an
    archived room.
    """
    room, is_new = _bring(service, external_id, changes, member_ids)
    while exact and _remove_others(service, room, member_ids):
        pass
    return room, is_new


@transaction.atomic
def _bring(service: User, external_id: str, changes: dict[str, Any], member_ids: Sequence[int]) -> tuple[Room, bool]:
    lock_room_counts(member_ids)
    people = lock_active(service.pk, shown_ids=member_ids)
    check_found(member_ids, [person.pk for person in people.values() if not person.is_deleted])
    active = [people[pk] for pk in sorted(set(member_ids)) if people[pk].is_active]
    room, is_new = _lock_or_make(external_id, **{"kind": Kind.CLOSED} | changes, members_count=len(active))
    if is_new:
        check_room_counts(person.pk for person in active)
        fill_room(room, [Membership(room=room, user=person) for person in active], actor_id=service.pk)
        return room, True
    if room.archived_at is not None:
        raise Forbidden("This room is archived.", code="room_archived")
    change_fields(room, changes, actor=people[service.pk])
    add_people(room, active, actor=people[service.pk])
    return room, False


@transaction.atomic
def _remove_others(service: User, room: Room, kept_ids: Iterable[int]) -> bool:
    """Remove some of the members who are not of these. Returns whether there were more."""
    others = Membership.objects.filter(room=room).exclude(user__in=kept_ids).order_by("user_id")
    found = list(others.values_list("user_id", flat=True)[: MAX_REMOVED_AT_ONCE + 1])
    if not found:
        return False
    service = lock_active(service.pk, shown_ids=found[:MAX_REMOVED_AT_ONCE])[service.pk]
    room = lock_room(room)
    members = list(others.filter(user__in=found[:MAX_REMOVED_AT_ONCE]).select_related("user"))
    if members:
        remove_people(room, members, actor=service)
    return len(found) > MAX_REMOVED_AT_ONCE


def _lock_or_make(external_id: str, **fields: Any) -> tuple[Room, bool]:
    """The room of this id, locked, or a new one; returns (room, created)."""
    rooms = Room.objects.select_for_update(no_key=True).filter(external_id=external_id)
    room = one_or_none(rooms)
    if room is not None:
        return room, False
    try:
        with transaction.atomic():
            return Room.objects.create(external_id=external_id, **fields), True
    except IntegrityError:  # somebody else made it first, and has committed
        return rooms.get(), False
