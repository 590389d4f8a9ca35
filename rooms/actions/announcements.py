"""Tells the rooms of a person what they are called now, where not everybody hears it (CHAT_DIRECTORY).

These can be many rooms, so a transaction tells a bounded number of them, after the change was committed. What is left
is a row of rooms_announcement, written together with the change; it works like one of rooms_exclusion.
"""

from collections.abc import Callable, Iterable, Sequence

from django.db import transaction

from chatserver.events import log
from chatserver.events.topics import room_topic
from rooms.models import Announcement, Membership
from users.locking import lock_to_check
from users.models import User
from users.serializers.people import shown_person

MAX_TOLD_ROOMS = 100


def note_announcements(users: Sequence[User]) -> None:
    """Have the rooms of people told, once the change is committed."""
    Announcement.objects.bulk_create(Announcement(user=user) for user in users)
    # robust: the change is committed then; whatever fails here is the poll's to catch up, not the caller's error.
    transaction.on_commit(lambda: wake(), robust=True)


@transaction.atomic
def announce_next() -> bool:
    """Tell some rooms of somebody. False where nothing is left to do here."""
    left = Announcement.objects.select_for_update(skip_locked=True).first()
    if left is None:
        return False
    # Their name does not change until the commit. Who puts them into a room meanwhile tells it the same name.
    user = lock_to_check([left.user_id])[left.user_id]
    rooms = Membership.objects.filter(user=user, room__gt=left.last_room).order_by("room_id")
    room_ids = list(rooms.values_list("room_id", flat=True)[:MAX_TOLD_ROOMS])
    tell_rooms(user, room_ids)
    if len(room_ids) < MAX_TOLD_ROOMS:
        left.delete()
    else:
        left.last_room = room_ids[-1]
        left.save(update_fields=["last_room"])
    return True


def tell_rooms(user: User, room_ids: Iterable[int]) -> None:
    """Emit a person's new name or picture to these rooms. Under a lock of the person."""
    shown = shown_person(user.record)
    log.emit_each("user.updated", [(room_topic(room_id), shown) for room_id in room_ids], actor_id=user.pk)


def announce_all() -> None:
    """Tell until nothing is left to do."""
    while announce_next():
        pass


# What note_announcements() calls: a server process has a task for it.
wake: Callable[[], None] = announce_all
