"""The key set (JWKS) of an identity provider: read when it is needed, kept, and read again for an unknown key.

It is asked every 30 s at most, also where it fails. One thread asks; while there are no keys yet the others wait a
moment for it, later they don't: whatever a token says, only so many requests hang on the provider.
"""

import json
import threading
import time
from typing import Any

import jwt
import structlog

from chatserver.config.jwt_settings import JwtKey, algorithm_of
from chatserver.errors import Unavailable
from chatserver.storage.outbound.client import fetch
from chatserver.storage.outbound.errors import OutboundError

KEY_SET_SECONDS = 300
KEY_SET_RETRY_SECONDS = 30
# While the provider is away, what it had last is used for so long.
KEY_SET_STALE_SECONDS = 3600
KEY_SET_FETCH_SECONDS = 5.0
KEY_SET_WAIT_SECONDS = 1.0
MAX_KEY_SET_BYTES = 256 * 1024
MAX_KEYS_OF_SET = 100

logger = structlog.get_logger(__name__)


class KeySet:
    """Used by many threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._guard = threading.Lock()
        self._keys: tuple[JwtKey, ...] = ()
        # Monotonic times: when it was read, and when it was asked last.
        self._read_at = self._asked_at = float("-inf")

    def find(self, algorithm: str, kid: str | None) -> list[JwtKey]:
        """The keys of this algorithm and name; without a name all of the algorithm.

        Unavailable where there is none, and the provider does not tell what it has now.
        """
        found = self._known(algorithm, kid)
        if not found or self._is_older_than(KEY_SET_SECONDS):
            self._ask(must_know=not found)
            found = self._known(algorithm, kid)
        if not found and self._read_at < self._asked_at:
            raise self._unavailable()
        return found

    def _known(self, algorithm: str, kid: str | None) -> list[JwtKey]:
        if self._is_older_than(KEY_SET_STALE_SECONDS):
            return []
        return [key for key in self._keys if key.algorithm == algorithm and (kid is None or key.kid in (None, kid))]

    def _is_older_than(self, seconds: float) -> bool:
        return time.monotonic() - self._read_at > seconds

    def _may_ask(self) -> bool:
        return time.monotonic() - self._asked_at >= KEY_SET_RETRY_SECONDS

    def _ask(self, *, must_know: bool) -> None:
        """Read the set anew, if it is time. Unavailable where another thread does, and this one can't go on without."""
        if not self._may_ask():
            return
        if not self._guard.acquire(timeout=0 if self._keys else KEY_SET_WAIT_SECONDS):
            if must_know:
                raise self._unavailable()
            return
        try:
            if self._may_ask():
                self._read()
        finally:
            self._guard.release()

    def _read(self) -> None:
        try:
            answer = fetch(self._url, seconds=KEY_SET_FETCH_SECONDS, most_bytes=MAX_KEY_SET_BYTES)
            if answer.status != 200 or answer.is_cut:
                raise ValueError(f"status {answer.status}, {len(answer.body)} bytes")
            self._keys = read_keys(json.loads(answer.body))
            read_at = time.monotonic()
        except (OutboundError, ValueError, RecursionError) as error:
            logger.warning("jwks_unavailable", url=self._url, error=str(error))
            self._asked_at = time.monotonic()
        else:
            self._read_at = self._asked_at = read_at

    def _unavailable(self) -> Unavailable:
        error = Unavailable("The keys of the identity provider can't be read; come back.", code="keys_unavailable")
        if not self._may_ask():
            error.retry_after = max(1, round(self._asked_at + KEY_SET_RETRY_SECONDS - time.monotonic()))
        return error


def read_keys(found: Any) -> tuple[JwtKey, ...]:
    """The public keys for signatures in a key set, see RFC 7517, 5. ValueError where it is not one."""
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise ValueError("not a key set")
    return tuple(key for data in found["keys"][:MAX_KEYS_OF_SET] if (key := _read_key(data)) is not None)


def _read_key(data: Any) -> JwtKey | None:
    if not isinstance(data, dict) or data.get("use", "sig") != "sig":
        return None
    kid = data.get("kid")
    try:
        key = jwt.PyJWK(data)
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError):
        return None
    # A key that names an algorithm is for that one alone. Secrets and private keys have none here.
    algorithm = algorithm_of(key.key)
    if algorithm is None or data.get("alg", algorithm) != algorithm or not isinstance(kid, str | None):
        return None
    return JwtKey(algorithm, key.key, kid)
