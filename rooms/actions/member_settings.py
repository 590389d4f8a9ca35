"""What members change for themselves alone: only their own devices hear of it."""

from typing import Any

from django.db import transaction

from chatserver.errors import NotFound
from chatserver.events import log
from chatserver.events.topics import user_topic
from chatserver.storage.rows import one_or_none
from rooms.models import Membership, Room
from rooms.serializers.settings import shown_settings


@transaction.atomic
def change_settings(member: Membership, changes: dict[str, Any]) -> Membership:
    """Change what a member set for themselves: `notify`, `muted_until`, `pinned`, `hidden`. Under their own lock."""
    locked = one_or_none(Membership.objects.select_for_update(no_key=True).filter(pk=member.pk))
    if locked is None:
        raise NotFound("There is no such room.")
    locked.room = Room.objects.get(pk=locked.room_id)
    before = locked.settings_record
    locked.notify = changes.get("notify", locked.notify)
    locked.muted_until = changes.get("muted_until", locked.muted_until)
    locked.is_pinned = changes.get("pinned", locked.is_pinned)
    if "hidden" in changes:
        locked.hidden_seq = locked.room.main_seq if changes["hidden"] else None
    if locked.settings_record != before:
        locked.save(update_fields=["notify", "muted_until", "is_pinned", "hidden_seq"])
        shown = shown_settings(locked.room_id, locked.room.main_seq, locked.settings_record)
        topic = user_topic(locked.user_id)
        log.emit(topic, "membership.updated", shown, actor_id=locked.user_id, room_id=locked.room_id)
    return locked
