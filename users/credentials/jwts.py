"""`Authorization: Bearer <JWT>`: a token that the host product, or its identity provider, has issued."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import connection

from chatserver.concurrency.batching import ThreadBatcher
from chatserver.errors import ChatError
from chatserver.http.authorization import Authorization
from users.actions.external_people import ExternalPerson, find_or_make_people, on_rooms_claim, update_from_claims
from users.credentials.identity import Identity
from users.credentials.jwt_profiles import profile_in
from users.credentials.jwt_verification import VerifiedToken, Verifier, refused_jwt
from users.credentials.request import RequestCredentials
from users.credentials.user_rows import USER_COLUMNS, user_of
from users.credentials.verified_tokens import VerifiedTokens
from users.models import User, jwt_credential

PEOPLE_BY_IDENTITY = (
    f"SELECT i.id, extract(epoch FROM i.revoked_at)::float8, {USER_COLUMNS} "  # noqa: S608 - constants
    "FROM users_externalidentity i JOIN users_user u ON u.id = i.user_id WHERE i.id = ANY(%s) AND u.is_active"
)
MAX_IDENTITIES_AT_ONCE = 100

logger = structlog.get_logger(__name__)


class _Verification(NamedTuple):
    verifier: Verifier
    known: VerifiedTokens


class _ActivePerson(NamedTuple):
    user: User
    revoked_at: float | None


def claims(credentials: RequestCredentials) -> bool:
    return _is_jwt(credentials.authorization)


def identify(credentials: RequestCredentials) -> Identity:
    assert credentials.authorization is not None
    token = credentials.authorization.credentials
    verifier, known_tokens = _verification()
    known = known_tokens.find(token)
    if known is None:
        verified = verifier.verify(token)
        known = known_tokens.remember(token, _admit(verified), verified.issued_at, verified.expires_at)
    person = _person_batches.call(known.identity_id)
    if person is None or _is_revoked(known.issued_at, person.revoked_at):
        raise refused_jwt()
    return Identity(person.user, jwt_credential(known.identity_id), known.expires_at)


def is_to_be_verified(authorization: Authorization | None) -> bool:
    """Whether a request comes with a JWT that takes more than a look-up."""
    return _is_jwt(authorization) and _verification().known.find(authorization.credentials) is None  # type: ignore[union-attr]  # a JWT has one


def _is_jwt(authorization: Authorization | None) -> bool:
    return (
        authorization is not None
        and authorization.scheme == "bearer"
        and authorization.credentials.count(".") == 2
        and settings.CHAT_JWT_KEYS.is_on
    )


def _verification() -> _Verification:
    """That of today's settings, which only tests change."""
    global _current
    if _current is None or _current.verifier.settings is not settings.CHAT_JWT_KEYS:
        _current = _Verification(Verifier(settings.CHAT_JWT_KEYS), VerifiedTokens())
    return _current


def _admit(token: VerifiedToken) -> int:
    """The person's identity, made at first sight; they get the profile that the token says. Unauthorized."""
    profile = profile_in(token.claims)
    claims_at = None if token.issued_at is None else datetime.fromtimestamp(token.issued_at, UTC)
    newcomer = ExternalPerson(token.subject, **profile, claims_at=claims_at if profile else None)
    identity, is_new = find_or_make_people(token.issuer, [newcomer])[token.subject]
    revoked_at = None if identity.revoked_at is None else identity.revoked_at.timestamp()
    if not identity.user.is_active or _is_revoked(token.issued_at, revoked_at):
        raise refused_jwt()
    if not is_new:
        update_from_claims(identity, profile, claims_at)
    if token.claims.get("rooms") is not None:
        _pass_on_rooms(identity.user, token.claims["rooms"])
    return identity.pk


def _pass_on_rooms(user: User, claim: Any) -> None:
    """What a room refuses is no reason to refuse the person. What is only busy is: they try again."""
    for act in on_rooms_claim:
        try:
            act(user, claim)
        except ChatError as error:
            if error.status >= 500:
                raise
            logger.warning("rooms_claim_refused", user_id=user.pk, code=error.code)


def _is_revoked(issued_at: float | None, revoked_at: float | None) -> bool:
    """A token of the very second in which all earlier ones ended may be one of them."""
    return revoked_at is not None and (issued_at is None or issued_at <= revoked_at)


def _look_up(identity_ids: Sequence[int]) -> list[_ActivePerson | None]:
    """Whose identities these are, in one statement; None for people who are banned or deleted."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE_BY_IDENTITY, [list(set(identity_ids))])
        rows = {identity_id: (revoked_at, columns) for identity_id, revoked_at, *columns in cursor.fetchall()}
    return [_ActivePerson(user_of(rows[found][1]), rows[found][0]) if found in rows else None for found in identity_ids]


_current: _Verification | None = None
# Requests that come at the same time share a statement.
_person_batches = ThreadBatcher(_look_up, MAX_IDENTITIES_AT_ONCE)
