"""Who blocks whom."""

from django.db.models import Q

from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from rooms.models import Block
from users.models import User


def are_blocked(one: User, other: User) -> bool:
    """Whether one of these two blocks the other."""
    pairs = Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)
    return Block.objects.filter(pairs).exists()


def blocked_ids(user: User) -> list[int]:
    """The ids of all whom the person blocks; at most MAX_BLOCKS."""
    return list(Block.objects.filter(blocker=user).order_by("blocked").values_list("blocked", flat=True))


def blocks_page(user: User, cursor: Cursor) -> list[Block]:
    """Up to limit + 1 of those whom a person blocks, by user id."""
    return cursor.slice(Block.objects.filter(blocker=user).select_related("blocked"), "blocked_id")


def block_of(user: User, blocked_id: int) -> Block | None:
    """A person's block of somebody, if there is one."""
    return one_or_none(Block.objects.filter(blocker=user, blocked=blocked_id).select_related("blocked"))
