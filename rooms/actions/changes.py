"""What the actions of members, of staff and of the host product do to a room whose row they have locked."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from chatserver.errors import Forbidden, NotFound
from chatserver.events import log
from chatserver.events.topics import user_topic
from chatserver.http.json import canonical_json
from rooms.actions import system_messages
from rooms.actions.endings import end_invitations, end_join_requests, end_void_invitations
from rooms.limits import check_room_counts
from rooms.models import JoinRequest, Kind, Leaver, Membership, Role, Room
from rooms.serializers.members import shown_member
from rooms.serializers.rooms import shown_left_room, shown_room
from users.models import User

# Who left by themselves is not added by others for so long.
CONSENT_TIME = timedelta(days=1)
# Neither is banned or deleted before the commit. They are locked after the room, which nobody who does that waits for.
OLDEST_ACTIVE = (
    "SELECT m.* FROM rooms_membership m JOIN users_user u ON u.id = m.user_id "
    "WHERE m.room_id = %s AND u.is_active AND {} ORDER BY m.id LIMIT 1 FOR SHARE OF u"
)
OLDEST_MODERATOR = OLDEST_ACTIVE.format("m.role = 'moderator'")
OLDEST_WRITER = OLDEST_ACTIVE.format("m.has_written")


def change_fields(room: Room, changes: dict[str, Any], *, actor: User) -> Room:
    """Set columns of a room. Nothing is told where they have these values."""
    changed = [name for name, value in changes.items() if not _has_value(room, name, value)]
    for name in changed:
        setattr(room, name, changes[name])
    if changed:
        room.save(update_fields=changed)
        if "kind" in changed and room.kind == Kind.CLOSED:
            end_void_invitations(room, actor_id=actor.pk)
        if "name" in changed:
            system_messages.tell_renamed(room, actor)
        log.emit(room.topic, "room.updated", shown_room(room.record), actor_id=actor.pk, room_id=room.pk)
    return room


def _has_value(room: Room, name: str, value: Any) -> bool:
    """Whether a column has this value, for metadata regardless of the order of its names."""
    known = getattr(room, name)
    return known == value or name == "metadata" and canonical_json(known) == canonical_json(value)


def archive_locked_room(room: Room, *, actor_id: int | None = None) -> Room:
    """Archive a room. Invitations of people end; links lead there again once it is restored."""
    end_invitations(room, Q(user__isnull=False), actor_id=actor_id)
    room.archived_at = timezone.now()
    room.save(update_fields=["archived_at"])
    log.emit(room.topic, "room.archived", shown_room(room.record), actor_id=actor_id, room_id=room.pk)
    return room


def check_consent(room: Room, people: list[User]) -> None:
    """Forbidden where one of these, whom others add, left by themselves in the last day, unless they ask to join."""
    leavers = Leaver.objects.filter(room=room, user__in=people, left_at__gt=timezone.now() - CONSENT_TIME)
    leavers = leavers.exclude(user__in=JoinRequest.objects.filter(room=room).values("user"))
    leaver = leavers.order_by("user_id").first()
    if leaver is not None:
        detail = f"User {leaver.user_id} left this room within the last day."
        raise Forbidden(detail, code="left_recently", field="user_id")


def fill_room(room: Room, memberships: list[Membership], *, actor_id: int) -> None:
    """Put the first people into a room that was just made, with their number in it."""
    Membership.objects.bulk_create(memberships)
    if memberships:
        log.subscribe(room.topic, [member.user_id for member in memberships])
    log.emit(room.topic, "room.created", shown_room(room.record), actor_id=actor_id, room_id=room.pk)


def add_people(room: Room, people: list[User], *, actor: User) -> list[Membership]:
    """Make people members, under lock_room_counts(). Returns the new memberships. Forbidden for too many rooms."""
    present = set(Membership.objects.filter(room=room, user__in=people).values_list("user_id", flat=True))
    # Who leaves and comes back would else write as often as they like.
    left = Leaver.objects.filter(room=room, user__in=people) if room.slow_mode_seconds else Leaver.objects.none()
    left_at = dict(left.values_list("user_id", "left_at"))
    added = [
        Membership(
            room=room,
            user=person,
            read_seq=room.last_seq,
            read_replies=room.replies_count,
            visible_from_seq=room.visible_from_seq,
            last_wrote_at=left_at.get(person.pk),
        )
        for person in people
        if person.pk not in present
    ]
    if not added:
        return []
    check_room_counts(member.user_id for member in added)
    Membership.objects.bulk_create(added)
    if room.external_id is not None:
        Leaver.objects.filter(room=room, user__in=[member.user_id for member in added]).delete()
    end_invitations(room, Q(user__in=[member.user_id for member in added]), actor_id=actor.pk)
    # Also in an open room: they may have asked for it before it was opened.
    end_join_requests(room, [member.user_id for member in added], actor_id=actor.pk)
    room.members_count += len(added)
    room.save(update_fields=["members_count"])
    log.subscribe(room.topic, [member.user_id for member in added], visible_from_seq=room.visible_from_seq)
    told = [(room.topic, shown_member(member.record)) for member in added]
    log.emit_each("member.added", told, actor_id=actor.pk, room_id=room.pk)
    system_messages.tell_added(room, added, actor)
    return added


def remove_people(room: Room, members: list[Membership], *, actor: User) -> None:
    """end_memberships() that the room gets a message of."""
    end_memberships(room, members, actor_id=actor.pk)
    system_messages.tell_ended(room, members, actor)


def end_memberships(room: Room, members: list[Membership], *, actor_id: int) -> None:
    """End memberships; after the last owner, somebody else becomes owner. NotFound where one has ended already.

    Who leaves hears member.removed if they listen now, and room.left in any case, also when they come back.
    """
    if Membership.objects.filter(pk__in=[member.pk for member in members]).delete()[0] < len(members):
        raise NotFound("There is no such member.")
    if room.external_id is not None:
        leavers = [Leaver(room=room, user_id=member.user_id) for member in members]
        Leaver.objects.bulk_create(leavers, ignore_conflicts=True)
    end_void_invitations(room, actor_id=actor_id)
    room.members_count -= len(members)
    room.save(update_fields=["members_count"])
    told = [(room.topic, shown_member(member.record)) for member in members]
    log.emit_each("member.removed", told, actor_id=actor_id, room_id=room.pk)
    log.unsubscribe(room.topic, [member.user_id for member in members])
    left = [
        (user_topic(member.user_id), shown_left_room(room.pk, by_themselves=actor_id == member.user_id))
        for member in members
    ]
    log.emit_each("room.left", left, actor_id=actor_id, room_id=room.pk)
    if any(member.is_owner for member in members):
        name_new_owner(room)


def give_role(room: Room, member: Membership, role: str, *, actor_id: int | None = None) -> None:
    """Give a member a role. Their invitations end where they may no longer add people."""
    member.role = role
    member.save(update_fields=["role"])
    if role == Role.MEMBER:
        end_void_invitations(room, actor_id=actor_id)
    log.emit(room.topic, "member.updated", shown_member(member.record), actor_id=actor_id, room_id=room.pk)


def name_new_owner(room: Room) -> None:
    """Give a room without an active owner to its oldest active moderator, or else to its oldest active writer.

    A room that has neither is archived, so that nobody gets a room by merely being in it.
    """
    if not name_successor(room) and room.archived_at is None:
        archive_locked_room(room)


def name_successor(room: Room) -> bool:
    """Name an owner where none is active. False where nobody could be one."""
    if Membership.objects.filter(room=room, role=Role.OWNER, user__is_active=True).exists():
        return True
    candidates = (
        successor
        for oldest in (OLDEST_MODERATOR, OLDEST_WRITER)
        for successor in Membership.objects.raw(oldest, [room.pk])
    )
    successor = next(candidates, None)
    if successor is not None:
        give_role(room, successor, Role.OWNER)
    return successor is not None
