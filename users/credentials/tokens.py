"""`Authorization: Bearer ct_…`"""

from collections.abc import Sequence

from django.db import connection

from chatserver.concurrency.batching import ThreadBatcher
from chatserver.errors import Unauthorized
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials
from users.credentials.user_rows import USER_COLUMNS, user_of
from users.models import hash_secret, token_credential

TOKENS_BY_HASH = (
    f"SELECT t.secret_hash, t.id, extract(epoch FROM t.expires_at)::float8, {USER_COLUMNS} "  # noqa: S608 - constants
    "FROM users_token t JOIN users_user u ON u.id = t.user_id "
    "WHERE t.secret_hash = ANY(%s) AND t.expires_at > now() AND u.is_active"
)
MAX_TOKENS_AT_ONCE = 100


def claims(credentials: RequestCredentials) -> bool:
    return credentials.authorization is not None and credentials.authorization.scheme == "bearer"


def identify(credentials: RequestCredentials) -> Identity:
    identity = _token_batches.call(presented_hash(credentials))
    if identity is None:
        raise invalid_token()
    return identity


def presented_hash(credentials: RequestCredentials) -> bytes:
    """The hash of the token, where claims() is true."""
    assert credentials.authorization is not None
    return hash_secret(credentials.authorization.credentials)


def look_up(hashes: Sequence[bytes]) -> list[Identity | None]:
    """Whose tokens these are, in one statement; None for one that is not valid."""
    if not hashes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TOKENS_BY_HASH, [list(hashes)])
        rows = {bytes(row[0]): row[1:] for row in cursor.fetchall()}
    return [_identity(*rows[secret_hash]) if secret_hash in rows else None for secret_hash in hashes]


def _identity(token_id: int, expires_at: float, *user_columns: object) -> Identity:
    return Identity(user_of(user_columns), token_credential(token_id), expires_at)


def invalid_token() -> Unauthorized:
    return Unauthorized("This token is not valid, or no longer.", code="invalid_token")


# Requests that come at the same time share a statement.
_token_batches = ThreadBatcher(look_up, MAX_TOKENS_AT_ONCE)
