"""Checks a JWT by our settings. Of the token's own header only two things are read: which of our algorithms it was
signed by, and which of our keys. A key is used with its one algorithm; `jku`, `jwk`, `x5u` and the like mean nothing.
"""

import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import jwt

from chatserver.config.jwt_settings import JwtKey, JwtSettings
from chatserver.errors import Unauthorized
from users.credentials.jwt_key_set import KeySet
from users.models import is_subject

# In characters. A longer one is refused before anything of it is read.
MAX_JWT = 8192
JWT_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# What a developer has to know, told to those who have a token that one of our keys has signed.
REASONS: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "This JWT has expired.",
    jwt.ImmatureSignatureError: "This JWT is not valid yet (nbf, iat).",
    jwt.InvalidIssuerError: "This JWT is of another issuer (iss).",
    jwt.InvalidAudienceError: "This JWT is for another audience (aud).",
}


class VerifiedToken(NamedTuple):
    """What a valid token says. Times are in seconds since 1970; `issuer` is empty where there is none."""

    issuer: str
    subject: str
    issued_at: float | None
    expires_at: float
    claims: dict[str, Any]


class Verifier:
    """Verifies tokens by these settings, in any thread."""

    def __init__(self, settings: JwtSettings) -> None:
        self.settings = settings
        self._key_set = KeySet(settings.jwks_url) if settings.jwks_url else None

    def verify(self, token: str) -> VerifiedToken:
        """Unauthorized where it is not valid; Unavailable where its key can't be known now."""
        if len(token) > MAX_JWT or JWT_FORM.fullmatch(token) is None:
            raise refused_jwt()
        try:
            return self._read(self._decode(token))
        except jwt.MissingRequiredClaimError as error:
            raise refused_jwt(f"This JWT has no {error.claim}.") from error
        except jwt.PyJWTError as error:
            raise refused_jwt(REASONS.get(type(error))) from error

    def _decode(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        for key in self._keys_for(header.get("alg"), header.get("kid")):
            try:
                return jwt.decode(
                    token,
                    key.key,
                    algorithms=[key.algorithm],
                    issuer=self.settings.issuer or None,
                    audience=self.settings.audience or None,
                    leeway=self.settings.leeway_seconds,
                    options={
                        "require": ["exp", "sub"],
                        "verify_aud": bool(self.settings.audience),
                        "verify_jti": False,
                        "enforce_minimum_key_length": True,
                    },
                )
            except jwt.InvalidSignatureError:
                continue
        raise jwt.InvalidSignatureError

    def _keys_for(self, algorithm: object, kid: str | None) -> Iterator[JwtKey]:
        """Those that may have signed it. The provider is not asked while a key at hand will do."""
        if not isinstance(algorithm, str) or algorithm not in self.settings.algorithms:
            raise jwt.InvalidAlgorithmError
        yield from (key for key in self.settings.keys if key.algorithm == algorithm)
        if self._key_set is not None and algorithm != "HS256":
            yield from self._key_set.find(algorithm, kid)

    def _read(self, claims: dict[str, Any]) -> VerifiedToken:
        issuer, issued_at, expires_at = claims.get("iss"), _time_in(claims, "iat"), _time_in(claims, "exp")
        if expires_at is None or not is_subject(claims["sub"]) or not (issuer is None or is_subject(issuer)):
            raise jwt.InvalidTokenError
        _time_in(claims, "nbf")
        if expires_at - (time.time() if issued_at is None else issued_at) > self.settings.max_seconds:
            raise refused_jwt(f"This JWT is valid for longer than {self.settings.max_seconds} s.")
        return VerifiedToken(issuer or "", claims["sub"], issued_at, expires_at, claims)


def _time_in(claims: dict[str, Any], name: str) -> float | None:
    """A NumericDate of RFC 7519, 2: a JSON number, perhaps with a fraction. The library takes texts and `true`, too."""
    value = claims.get(name)
    if value is None:
        return None
    # Until the year 9999.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 253_402_300_800:
        raise jwt.InvalidTokenError
    return float(value)


def refused_jwt(reason: str | None = None) -> Unauthorized:
    return Unauthorized(reason or "This JWT is not valid, or no longer.", code="invalid_token")
