"""A cache of JWTs that were verified some seconds ago, and of whom they are.

It says nothing about that person's rights: these are read for each request.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from typing import NamedTuple

MAX_VERIFIED_TOKENS = 10_000
VERIFIED_SECONDS = 30.0


class KnownToken(NamedTuple):
    """Times are in seconds since 1970. It is verified anew from `until` on."""

    identity_id: int
    issued_at: float | None
    expires_at: float
    until: float


class VerifiedTokens:
    """The newest ones, by a hash."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, KnownToken] = OrderedDict()
        self._guard = threading.Lock()

    def find(self, token: str) -> KnownToken | None:
        known = self._known.get(_digest(token))
        return known if known is not None and time.time() < known.until else None

    def remember(self, token: str, identity_id: int, issued_at: float | None, expires_at: float) -> KnownToken:
        known = KnownToken(identity_id, issued_at, expires_at, min(expires_at, time.time() + VERIFIED_SECONDS))
        with self._guard:
            self._known[_digest(token)] = known
            self._known.move_to_end(_digest(token))
            if len(self._known) > MAX_VERIFIED_TOKENS:
                self._known.popitem(last=False)
        return known


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
