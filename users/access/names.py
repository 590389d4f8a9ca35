"""Which names a user may not take: those of others and of the deleted, what looks like them, and reserved ones."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

from django.conf import settings

from chatserver.errors import Conflict
from users.models import HeldName, User
from users.usernames import are_told_apart, beyond_ascii, fold_username, skeletons_of

# Names that look like a new one, and are compared with it: there are as many as people care to invent.
MAX_LOOKALIKES = 1_000
MAX_LOOKALIKES_AT_ONCE = 10_000


def check_not_reserved(username: str) -> None:
    """Conflict for a name that is reserved, or looks like one. Only those are checked who choose their own name."""
    if is_reserved(username):
        raise Conflict("This username is reserved.", code="username_reserved", field="username")


def is_reserved(username: str) -> bool:
    return not set(skeletons_of(username)).isdisjoint(_reserved_skeletons())


@cache
def _reserved_skeletons() -> set[str]:
    return {look for name in settings.CHAT_RESERVED_USERNAMES for look in skeletons_of(name)}


def check_name_is_free(username: str, user_id: int = 0) -> None:
    """Conflict if somebody else than this user has the name, or one that looks the same; or had it until lately.

    Names that are held are looked up last: a person who is deleted meanwhile has given up their name only then.
    """
    name = User.normalize_username(username)
    others = User.objects.get_queryset().looking_like(name).exclude(pk=user_id)
    for other in others.order_by("pk").values_list("username", flat=True)[:MAX_LOOKALIKES]:
        if fold_username(other) == fold_username(name):
            raise name_taken()
        if not are_told_apart(other, name):
            raise name_looks_taken()
    held = HeldName.objects.live().conflicting_with(name).first()
    if held is not None:
        raise name_taken() if held.is_named(name) else name_looks_taken()


def free_among(names: Collection[str]) -> set[str]:
    """Those of these names, in their normal form, that check_name_is_free() would let a new user have. Two queries.

    Of two that look the same only the first one is free; none where too many others look like them.
    """
    looks = {name: skeletons_of(name) for name in names}
    wanted = list({look for found in looks.values() for look in found})
    others = User.objects.filter(username_skeletons__overlap=wanted).values_list("username", "username_skeletons")
    rows = list(others[: MAX_LOOKALIKES_AT_ONCE + 1])
    if len(rows) > MAX_LOOKALIKES_AT_ONCE:
        return set()
    # Of each look: the folded names, and what they have beyond ASCII.
    taken: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))

    def take(name: str, name_looks: Iterable[str]) -> None:
        folded = fold_username(name)
        for look in name_looks:
            taken[look][0].add(folded)
            taken[look][1].add(beyond_ascii(folded))

    for username, username_looks in rows:
        take(username, username_looks)
    held, free = HeldName.objects.live().conflicting_among(looks), set()
    for name, name_looks in looks.items():
        folded = fold_username(name)
        is_taken = any(folded in taken[look][0] or taken[look][1] - {beyond_ascii(folded)} for look in name_looks)
        if not is_taken and name not in held:
            free.add(name)
            take(name, name_looks)
    return free


def name_taken() -> Conflict:
    return Conflict("This username is taken.", code="username_taken", field="username")


def name_looks_taken() -> Conflict:
    return Conflict("This username looks like another one.", code="username_taken", field="username")
