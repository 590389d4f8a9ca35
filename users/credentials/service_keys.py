"""`Authorization: Bearer csk_…`, the key of a service account, and `Chat-On-Behalf-Of`, whom it acts for."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from django.db import connection

from chatserver.concurrency.batching import ThreadBatcher
from chatserver.errors import ChatError, Forbidden, Invalid, NotFound
from chatserver.http.caller import scope_missing
from chatserver.http.parameters import LARGEST_ID, as_whole_number
from chatserver.http.scopes import ACT_AS
from users.credentials.identity import Identity
from users.credentials.request import ON_BEHALF_OF, RequestCredentials
from users.credentials.tokens import invalid_token
from users.credentials.user_rows import USER_COLUMNS, user_of
from users.models import KEY_PREFIX, User, hash_secret, host_issuer, is_subject, key_credential

MAX_KEYS_AT_ONCE = 100
# For each (hash, person): the key, its service account, and whom the request is of: the account or the person.
KEYS_BY_HASH = (
    "SELECT asked.number, k.id, extract(epoch FROM k.expires_at)::float8, k.scopes, k.service_id, "  # noqa: S608 - constants
    f"{USER_COLUMNS} "
    "FROM unnest(%s::bytea[], %s::bigint[], %s::text[]) WITH ORDINALITY "
    "AS asked(secret_hash, person_id, external_id, number) "
    "JOIN users_servicekey k ON k.secret_hash = asked.secret_hash "
    "JOIN users_user s ON s.id = k.service_id AND s.is_active AND s.is_service "
    "LEFT JOIN users_externalidentity x ON x.issuer = %s AND x.subject = asked.external_id "
    "LEFT JOIN users_user u ON u.id = CASE WHEN asked.person_id IS NULL AND asked.external_id IS NULL "
    "THEN k.service_id ELSE coalesce(asked.person_id, x.user_id) END "
    "WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())"
)


class Presented(NamedTuple):
    """The hash of a key, and the id or the external id of a person whom it acts for, if it does."""

    secret_hash: bytes
    person_id: int | None = None
    external_id: str | None = None

    @property
    def is_acting(self) -> bool:
        return self.person_id is not None or self.external_id is not None


def claims(credentials: RequestCredentials) -> bool:
    authorization = credentials.authorization
    return (
        authorization is not None
        and authorization.scheme == "bearer"
        and authorization.credentials.startswith(KEY_PREFIX)
    )


def identify(credentials: RequestCredentials) -> Identity:
    """Whose key it is, or for whom it acts; its refusal says why it may not."""
    assert credentials.authorization is not None
    presented, malformed = Presented(hash_secret(credentials.authorization.credentials)), None
    if credentials.on_behalf_of is not None:
        try:
            presented = presented._replace(**person_in(credentials.on_behalf_of))
        except Invalid as error:
            malformed = error
    identity = _key_batches.call(presented)
    if identity is None:
        raise invalid_token()
    return identity if malformed is None else identity._replace(refusal=malformed)


def person_in(value: str) -> dict[str, Any]:
    """Whom the header names: `42`, or `external:` and an external id, percent-encoded. Invalid.

    A header that was sent twice comes joined by a comma: so one in an external id is sent as %2C.
    """
    number = as_whole_number(value)
    if number is not None and number <= LARGEST_ID:
        return {"person_id": number}
    prefix, _, encoded = value.partition(":")
    if prefix == "external" and "," not in encoded:
        with suppress(UnicodeError):
            external_id = unquote_to_bytes(encoded.encode("latin-1")).decode()
            if is_subject(external_id):
                return {"external_id": external_id}
    raise Invalid(f"{ON_BEHALF_OF} must be one person's id, or external: and an external id.", field=ON_BEHALF_OF)


def look_up(presented: Sequence[Presented]) -> list[Identity | None]:
    """Whose keys these are, and for whom they act, in one statement; None for one that is not valid."""
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*presented, strict=True)]
        cursor.execute(KEYS_BY_HASH, [*columns, host_issuer()])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return [
        _identity(one.is_acting, *rows[number]) if number in rows else None
        for number, one in enumerate(presented, start=1)
    ]


def _identity(
    is_acting: bool, key_id: int, expires_at: float | None, scopes: list[str], service_id: int, *user_columns: object
) -> Identity:
    refusal = None
    user = User(pk=service_id)
    if user_columns[0] is not None:
        user = user_of(user_columns)
    if is_acting:
        refusal = refusal_to_act(scopes, None if user_columns[0] is None else user)
    return Identity(
        user if refusal is None else User(pk=service_id),
        key_credential(key_id),
        expires_at,
        service_id,
        frozenset(scopes),
        refusal,
    )


def refusal_to_act(scopes: Sequence[str], person: User | None) -> ChatError | None:
    """Why a key with these scopes may not act for this person. Without the scope nothing is told of anybody."""
    if ACT_AS not in scopes:
        return scope_missing(f"This key lacks the scope {ACT_AS}.")
    if person is None or not person.is_active:
        return NotFound("This person is not there, or not active.", code="user_not_found", field=ON_BEHALF_OF)
    if person.is_privileged:
        return Forbidden("No key acts for staff, superusers and services.")
    return None


# Requests that come at the same time share a statement.
_key_batches = ThreadBatcher(look_up, MAX_KEYS_AT_ONCE)
