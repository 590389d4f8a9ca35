"""What the actions of members and of staff do to a room whose row they have locked."""

from typing import Any

from django.utils import timezone

from chatserver.errors import NotFound
from chatserver.events import log
from chatserver.events.topics import user_topic
from rooms.models import Membership, Role, Room
from rooms.serializers import shown_member, shown_room
from users.models import User


def change_fields(room: Room, changes: dict[str, Any], *, actor_id: int) -> Room:
    for name, value in changes.items():
        setattr(room, name, value)
    if changes:
        room.save(update_fields=list(changes))
        log.emit(room.topic, "room.updated", shown_room(room.record), actor_id=actor_id, room_id=room.pk)
    return room


def archive(room: Room, *, actor_id: int) -> Room:
    room.archived_at = timezone.now()
    room.save(update_fields=["archived_at"])
    log.emit(room.topic, "room.archived", shown_room(room.record), actor_id=actor_id, room_id=room.pk)
    return room


def add_people(room: Room, people: list[User], *, actor_id: int) -> list[Membership]:
    """Make people members. Returns the new memberships."""
    present = set(Membership.objects.filter(room=room, user__in=people).values_list("user_id", flat=True))
    added = [
        Membership(room=room, user=person, read_seq=room.last_seq) for person in people if person.pk not in present
    ]
    if not added:
        return []
    Membership.objects.bulk_create(added)
    room.members_count += len(added)
    room.save(update_fields=["members_count"])
    log.subscribe(room.topic, [member.user_id for member in added])
    for member in added:
        log.emit(room.topic, "member.added", shown_member(member.record), actor_id=actor_id, room_id=room.pk)
    return added


def end_membership(room: Room, member: Membership, *, actor_id: int) -> None:
    """End a membership; after the last owner, somebody else becomes owner.

    The one who leaves hears member.removed if they listen now, and room.left in any case, also when they come back.
    """
    if Membership.objects.filter(pk=member.pk).delete()[0] == 0:
        raise NotFound("There is no such member.")
    room.members_count -= 1
    room.save(update_fields=["members_count"])
    log.emit(room.topic, "member.removed", shown_member(member.record), actor_id=actor_id, room_id=room.pk)
    log.unsubscribe(room.topic, [member.user_id])
    left = {"room_id": room.pk, "reason": "left" if actor_id == member.user_id else "removed"}
    log.emit(user_topic(member.user_id), "room.left", left, actor_id=actor_id, room_id=room.pk)
    if member.is_owner:
        _name_new_owner(room)


def _name_new_owner(room: Room) -> None:
    """Make the oldest moderator, or else the oldest member, the owner of a room without one. Archive an empty room."""
    members = Membership.objects.filter(room=room).select_related("user")
    if members.filter(role=Role.OWNER).exists():
        return
    by_age = members.order_by("joined_at", "pk")
    successor = by_age.filter(role=Role.MODERATOR).first() or by_age.first()
    if successor is None:
        # Without an event: nobody is left to get it.
        room.archived_at = timezone.now()
        room.save(update_fields=["archived_at"])
        return
    successor.role = Role.OWNER
    successor.save(update_fields=["role"])
    log.emit(room.topic, "member.updated", shown_member(successor.record), room_id=room.pk)
