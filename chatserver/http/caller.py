"""Who sends a request, and with which scopes: what the lower floors know of credentials."""

from typing import Protocol, cast

from rest_framework.request import Request

from chatserver.errors import ChatError, Forbidden
from chatserver.http.scopes import ANY_KEY, NO_KEY, Need, grants


class Caller(Protocol):
    """What every kind of credential resolves to (users.credentials.identity.Identity).

    `user_id` is whose rights the request has. With a service key `service_id` is its service account and `scopes` are
    the key's; else None and none. The two ids differ where the key acts for a person.
    """

    @property
    def user_id(self) -> int: ...
    @property
    def credential(self) -> str:
        """Names it without its secret: "token:7", "key:3"."""

    @property
    def service_id(self) -> int | None: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def is_acting(self) -> bool:
        """Whether a service key acts for a person."""

    @property
    def refusal(self) -> ChatError | None:
        """Why this valid key may not act for whom the request names."""


def caller_of(request: Request) -> Caller | None:
    """The caller of a REST request; None for nobody."""
    return cast(Caller | None, request.auth)


def is_of_service(request: Request) -> bool:
    """Whether a service key sent the request, and not for a person."""
    caller = caller_of(request)
    return caller is not None and caller.service_id is not None and not caller.is_acting


def scope_missing(detail: str) -> Forbidden:
    return Forbidden(detail, code="scope_missing")


def permit(caller: Caller, need: Need | None) -> None:
    """The one check of what a credential may be used for, by REST and by streams. Forbidden; the caller's refusal.

    Who acts for a person has exactly that person's rights, and none of the key's.
    """
    if caller.service_id is None:
        if need is not None and need.only_keys:
            raise scope_missing(f"This needs a service key with the scope {need.scope}.")
        return
    if caller.refusal is not None:
        raise caller.refusal
    if need is None or need.scope == NO_KEY:
        raise scope_missing("No service key may do this.")
    if caller.is_acting:
        if need.only_keys:
            raise scope_missing("A service key may do this only for itself.")
    elif need.scope != ANY_KEY and not grants(caller.scopes, need.scope):
        raise scope_missing(f"This key lacks the scope {need.scope}.")
