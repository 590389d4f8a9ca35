"""Who is asking: the one place that turns what a request carries into a person, for REST and for streams."""

from typing import Protocol

from users.credentials import passwords, sessions, tickets, tokens
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials


class CredentialKind(Protocol):
    """A module of this package."""

    def claims(self, credentials: RequestCredentials) -> bool:
        """Whether the request comes by this kind, good or bad. Asks nobody."""

    def identify(self, credentials: RequestCredentials) -> Identity | None:
        """Whose it is, of a request that this kind claims. Unauthorized; Throttled; None for a cookie that is stale."""


# The first that claims a request decides. A new kind is one module, and one line here.
KINDS: tuple[CredentialKind, ...] = (tickets, tokens, passwords, sessions)


def kind_of(credentials: RequestCredentials) -> CredentialKind | None:
    """The kind by which a request comes; None where it carries nothing."""
    return next((kind for kind in KINDS if kind.claims(credentials)), None)


def identify(credentials: RequestCredentials) -> Identity | None:
    """Who sends a request; None for nobody. Unauthorized where a credential is not good; Throttled."""
    kind = kind_of(credentials)
    return None if kind is None else kind.identify(credentials)
