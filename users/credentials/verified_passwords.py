"""A cache of verified passwords: to hash one takes a core for a good part of a second."""

import hmac
import threading
from collections import OrderedDict

from django.conf import settings

from users.models import User

MAX_VERIFIED_PASSWORDS = 10_000


class VerifiedPasswords:
    """The newest `size`, as quick hashes that include the stored hash: a new password makes the old entry useless."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._guard = threading.Lock()

    def knows(self, user: User, password: str) -> bool:
        with self._guard:
            return user.is_active and self._key(user, password) in self._seen

    def remember(self, user: User, password: str) -> None:
        self._remember(self._key(user, password))

    def _remember(self, key: bytes) -> None:
        with self._guard:
            self._seen[key] = None
            if len(self._seen) > self._size:
                self._seen.popitem(last=False)

    def knows_header(self, credentials: str) -> bool:
        """Whether these credentials of `Authorization: Basic` were right once. They need not be by now."""
        with self._guard:
            return self._digest(f"header:{credentials}") in self._seen

    def remember_header(self, credentials: str) -> None:
        self._remember(self._digest(f"header:{credentials}"))

    def _key(self, user: User, password: str) -> bytes:
        return self._digest(f"{user.pk}:{user.password}:{password}")

    def _digest(self, text: str) -> bytes:
        return hmac.digest(settings.SECRET_KEY.encode(), text.encode("utf-8", "surrogatepass"), "sha256")
