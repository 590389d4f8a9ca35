"""The scopes of service keys, and which one a view needs.

A view declares its scope: `key_scope = "rooms"`, where reads need `rooms:read` and all else `rooms:write`; or a whole
scope, NO_KEY or ANY_KEY. needs_scope() declares another one for a method. A view that declares nothing takes no key.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from rest_framework.permissions import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])

HALVED_SCOPES = ("users", "rooms", "messages", "webhooks", "moderation")
ACT_AS = "act_as"
SCOPES = (
    *(f"{name}:{half}" for name in HALVED_SCOPES for half in ("read", "write")),
    "events:read",
    "erasure",
    ACT_AS,
)
# No operation needs them yet: to be said wherever keys are made.
RESERVED_SCOPES = ("moderation:write", "erasure")
# No key is taken, also not for a person: what is about the person's own credentials.
NO_KEY = "none"
# Every key is taken, and who has none is, too.
ANY_KEY = "any"


class Need(NamedTuple):
    """What a view needs: a scope, NO_KEY or ANY_KEY. With `only_keys` no other credential is taken."""

    scope: str
    only_keys: bool = False


def needs_scope(scope: str, *, only_keys: bool = False) -> Callable[[View], View]:
    """Marks a method that answers: it needs this scope, whatever the view declares."""

    def mark(view: View) -> View:
        view.key_need = Need(scope, only_keys)  # type: ignore[attr-defined]  # read by need_of()
        return view

    return mark


def need_of(view: Any, method: str) -> Need | None:
    """What a view declares for this request; None where it declares nothing."""
    # Of a view set the route says which action answers, of another class the names of its methods.
    handler = getattr(view, getattr(view, "action", None) or method.lower(), None)
    need: Need | None = getattr(handler, "key_need", None)
    if need is not None:
        return need
    scope: str | None = getattr(view, "key_scope", None)
    if scope in HALVED_SCOPES or scope == "events":
        scope = f"{scope}:{'read' if method in SAFE_METHODS else 'write'}"
    return None if scope is None else Need(scope, getattr(view, "only_keys", False))


def grants(scopes: Iterable[str], wanted: str) -> bool:
    """Whether these scopes include the wanted one: `:write` includes `:read`."""
    return not {wanted, wanted.replace(":read", ":write")}.isdisjoint(scopes)
