"""The streams' adapter of the resolver of credentials. Many open at once, so tokens are looked up in batches."""

from collections.abc import Sequence

from chatserver.errors import Unauthorized
from users.credentials import resolver, tokens
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials
from users.last_seen import mark_seen


def identify(credentials: RequestCredentials) -> Identity:
    """Who opens a stream. Raises Unauthorized, Throttled."""
    identity = resolver.identify(credentials)
    if identity is None:
        raise Unauthorized
    mark_seen(identity.service_id or identity.user_id, identity.credential)
    return identity


def token_hash(credentials: RequestCredentials) -> bytes | None:
    """The hash for identify_tokens(); None if the request has no token."""
    is_alone = credentials.on_behalf_of is None  # else it is refused
    return tokens.presented_hash(credentials) if is_alone and resolver.kind_of(credentials) is tokens else None


def identify_tokens(hashes: Sequence[bytes]) -> list[Identity | None]:
    """identify() for many tokens, in one statement. None for an invalid one."""
    found = tokens.look_up(hashes)
    for identity in found:
        if identity is not None:
            mark_seen(identity.user_id, identity.credential)
    return found
