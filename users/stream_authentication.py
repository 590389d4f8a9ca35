"""The streams' adapter of the resolver of credentials. Many open at once, so tokens are looked up in batches."""

from collections.abc import Sequence

from chatserver.errors import Unauthorized
from users.credentials import resolver, tokens
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials
from users.last_seen import mark_seen


def identify(credentials: RequestCredentials) -> Identity:
    """Who opens a stream. Unauthorized where that is nobody; Throttled."""
    identity = resolver.identify(credentials)
    if identity is None:
        raise Unauthorized
    mark_seen(identity.user_id)
    return identity


def token_hash(credentials: RequestCredentials) -> bytes | None:
    """What identify_tokens() takes; None where the request does not come by a token."""
    return tokens.presented_hash(credentials) if resolver.kind_of(credentials) is tokens else None


def identify_tokens(hashes: Sequence[bytes]) -> list[Identity | None]:
    """identify() for many tokens, in one statement. None for one that is not valid, or no longer."""
    found = tokens.look_up(hashes)
    for identity in found:
        if identity is not None:
            mark_seen(identity.user_id)
    return found
