"""People block others: between the two no direct message is sent any more, from neither side.

Their direct room knows it, so that a message finds it in the row that it locks anyway. Who changes a block, and who
opens a direct room, holds a lock of the two people for that, before all other locks of the transaction.
"""

from django.db import transaction

from chatserver.errors import Conflict, Invalid
from chatserver.events import log
from chatserver.events.topics import user_topic
from chatserver.storage.rows import one_or_none
from rooms.access.blocks import are_blocked
from rooms.access.rooms import find_direct_room
from rooms.locking import lock_pair, lock_room
from rooms.models import Block
from rooms.serializers.blocks import shown_block
from users.locking import lock_active
from users.models import User

MAX_BLOCKS = 1_000


@transaction.atomic
def block_person(person: User, other: User) -> tuple[Block, bool]:
    """Block somebody; returns (block, created). Invalid for oneself, Conflict for too many."""
    if person == other:
        raise Invalid("Nobody blocks themselves.", code="no_block_of_oneself", field="user_id")
    lock_pair(person, other)
    other = lock_active(person.pk, shown_ids=[other.pk])[other.pk]
    block, is_new = Block.objects.get_or_create(blocker=person, blocked=other)
    if is_new:
        if Block.objects.filter(blocker=person).count() > MAX_BLOCKS:
            raise Conflict(f"One blocks at most {MAX_BLOCKS} people.", code="too_many_blocks")
        _tell_room(person, other)
        log.emit(user_topic(person.pk), "block.added", shown_block(block), actor_id=person.pk)
    return block, is_new


@transaction.atomic
def unblock_person(person: User, other: User) -> None:
    """No longer block somebody; nothing where they are not blocked."""
    lock_pair(person, other)
    other = lock_active(person.pk, shown_ids=[other.pk])[other.pk]
    block = one_or_none(Block.objects.filter(blocker=person, blocked=other))
    if block is not None:
        shown = shown_block(block)
        block.delete()
        _tell_room(person, other)
        log.emit(user_topic(person.pk), "block.removed", shown, actor_id=person.pk)


def _tell_room(person: User, other: User) -> None:
    room = find_direct_room(person, other)
    if room is not None:
        room = lock_room(room)
        room.is_blocked = are_blocked(person, other)
        room.save(update_fields=["is_blocked"])
