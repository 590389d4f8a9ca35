"""Limits of rates in rooms, and how many rooms a person may be in."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.db.models import Count

from chatserver.errors import Forbidden
from chatserver.http.throttling import Throttle
from rooms.models import GENERAL_ID, Kind, Membership
from users.models import User

# So many writes of all members may come at once, where a second's worth is fewer.
BURST_OF_A_ROOM = 100
# The first of the two numbers of our advisory locks. Any would do; no other locks of ours have it.
COUNT_LOCKS = 1_190
# A transaction that concerns many people takes at most so many locks: PostgreSQL has room for a limited number.
COUNT_LOCK_SLOTS = 64
LOCK_COUNTS = "SELECT pg_advisory_xact_lock(%s, slot) FROM unnest(%s::int[]) AS slot"

room_write_throttle = Throttle("room-writes", settings.CHAT_THROTTLE_ROOM_WRITES, burst=BURST_OF_A_ROOM)
rooms_throttle = Throttle("rooms", settings.CHAT_THROTTLE_ROOMS)
members_throttle = Throttle("members", settings.CHAT_THROTTLE_MEMBERS)
strangers_throttle = Throttle("strangers", settings.CHAT_THROTTLE_STRANGERS)


def count_stranger(user: User, other: User) -> None:
    """Count that a user opens a direct room with a stranger: who wrote in no room that they share. Throttled.

    To be put into a room by somebody makes nobody their acquaintance.
    """
    shared = Membership.objects.filter(user=other, has_written=True, room__memberships__user=user)
    if not shared.exclude(room=GENERAL_ID).exists():
        strangers_throttle.spend(None, user.pk)


def lock_room_counts(user_ids: Iterable[int]) -> None:
    """Let nobody else put these people into rooms until the commit. Before all other locks of a transaction.

    The rows of people can't be locked for this: who holds the lock of a room may wait for one (see users/locking.py).
    """
    slots = sorted({user_id % COUNT_LOCK_SLOTS for user_id in user_ids})
    with connection.cursor() as cursor:
        cursor.execute(LOCK_COUNTS, [COUNT_LOCKS, slots])


def check_room_counts(user_ids: Iterable[int]) -> None:
    """Forbidden where one of these people is in as many rooms as one may be. Under lock_room_counts().

    Archived rooms and direct ones do not count: nobody can keep others from opening those, or leave them.
    """
    rooms = Membership.objects.filter(user__in=list(user_ids), room__archived_at=None).exclude(room=GENERAL_ID)
    rooms = rooms.exclude(room__kind=Kind.DIRECT)
    counts = rooms.values("user_id").annotate(count=Count("pk")).filter(count__gte=settings.CHAT_MAX_ROOMS)
    full = counts.order_by("user_id").first()
    if full is not None:
        detail = f"User {full['user_id']} is in as many rooms as one may be."
        raise Forbidden(detail, code="too_many_rooms", field="user_id")
