"""Switches General on and off, as CHAT_GENERAL says. It is room 0, in which the database puts everybody.

It is off while it is archived: then the trigger rooms_enter_general puts nobody into it. Many people may have to enter
or to leave, so each transaction moves a bounded number of them, and locks the room for that long. `migrate` does this,
and each process that starts, also what another one left over. Where two have different settings, the one that started
last wins.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chatserver.events import log
from chatserver.events.topics import user_topic
from rooms.locking import lock_room
from rooms.models import GENERAL_ID, Membership, Room
from rooms.serializers.members import shown_member
from rooms.serializers.rooms import shown_left_room
from users.locking import lock_to_check
from users.models import User

MAX_MOVED_PEOPLE = 500


def switch() -> Iterator[bool]:
    """Make General what the setting says. Each step is a transaction of its own, and may fail for a lock."""
    is_off = Room.objects.filter(pk=GENERAL_ID, archived_at__isnull=False).exists()
    if settings.CHAT_GENERAL:
        is_done = not is_off
        while not is_done:
            is_done = _enter_some()
            yield True
    else:
        if not is_off:
            _close()
            yield True
        while _leave_some():
            yield True


@transaction.atomic
def _close() -> None:
    """From now on nobody writes there or enters."""
    general = lock_room(Room(pk=GENERAL_ID))
    general.archived_at = timezone.now()
    general.save(update_fields=["archived_at"])


@transaction.atomic
def _leave_some() -> bool:
    """End memberships. False where there are none, or another process has switched General on meanwhile."""
    general = lock_room(Room(pk=GENERAL_ID))
    members = Membership.objects.filter(room=general).order_by("user_id")
    user_ids = list(members.values_list("user_id", flat=True)[:MAX_MOVED_PEOPLE])
    if general.archived_at is None or not user_ids:
        return False
    members.filter(user__in=user_ids).delete()
    _count(general, -len(user_ids))
    log.unsubscribe(general.topic, user_ids)
    left = shown_left_room(general.pk, by_themselves=False)
    told = [(user_topic(user_id), left) for user_id in user_ids]
    log.emit_each("room.left", told, actor_id=None, room_id=general.pk)
    return True


@transaction.atomic
def _enter_some() -> bool:
    """Make people members; where all are, open General. Returns whether it is open."""
    people = lock_to_check(_outsiders())
    general = lock_room(Room(pk=GENERAL_ID))
    if general.archived_at is None:
        return True
    outsiders = _outsiders()
    if not outsiders:  # nor is somebody just being made: the trigger holds a lock of the room until they can be seen
        general.archived_at = None
        general.save(update_fields=["archived_at"])
        return True
    added = [
        Membership(room=general, user=people[user_id], read_seq=general.last_seq, read_replies=general.replies_count)
        for user_id in outsiders
        if user_id in people
    ]
    Membership.objects.bulk_create(added)
    _count(general, len(added))
    log.subscribe(general.topic, [member.user_id for member in added])
    # To each of them alone: nobody else has a list of members that this changes.
    told = [(user_topic(member.user_id), shown_member(member.record)) for member in added]
    log.emit_each("member.added", told, actor_id=None, room_id=general.pk)
    return False


def _outsiders() -> list[int]:
    """The first people who are not in General."""
    is_in = Exists(Membership.objects.filter(room=GENERAL_ID, user=OuterRef("pk")))
    people = User.objects.get_queryset().present().exclude(is_in)
    return list(people.order_by("pk").values_list("pk", flat=True)[:MAX_MOVED_PEOPLE])


def _count(general: Room, change: int) -> None:
    general.members_count += change
    general.save(update_fields=["members_count"])
