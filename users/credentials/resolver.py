"""Who is asking: the one place that turns credentials into an identity, for REST and for streams."""

from typing import Protocol

from chatserver.http.caller import scope_missing
from users.credentials import jwts, passwords, service_keys, sessions, tickets, tokens
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials


class CredentialKind(Protocol):
    """A module of this package."""

    def claims(self, credentials: RequestCredentials) -> bool:
        """Whether the request carries this kind, valid or not. Without a query."""

    def identify(self, credentials: RequestCredentials) -> Identity | None:
        """Whose it is, where claims() is true. Unauthorized; Throttled; None for a cookie without a session."""


# The first one that claims a request is used. A new kind is one module, and one line here.
KINDS: tuple[CredentialKind, ...] = (tickets, service_keys, jwts, tokens, passwords, sessions)


def kind_of(credentials: RequestCredentials) -> CredentialKind | None:
    """The kind that a request carries; None where it carries none."""
    return next((kind for kind in KINDS if kind.claims(credentials)), None)


def identify(credentials: RequestCredentials) -> Identity | None:
    """Who sends a request; None for nobody. Unauthorized where the credential is not valid; Throttled; Forbidden."""
    kind = kind_of(credentials)
    if kind is not service_keys:
        refuse_to_act(credentials)
    return None if kind is None else kind.identify(credentials)


def refuse_to_act(credentials: RequestCredentials) -> None:
    """Forbidden where a request that comes without a service key names a person to act for."""
    if credentials.on_behalf_of is not None:
        raise scope_missing("Only a service key with the scope act_as may act for a person.")
