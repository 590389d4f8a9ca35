"""Who is asking: the one place that turns a token, a password, a session or a ticket into a person.

Each way sets `request.auth` to a credential, a short text that names how he came ("token:7", "session:ab…",
"password:5"). A stream keeps it, and log.revoke() ends the streams of one credential.
"""

import hmac
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, BasicAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from chatserver.concurrency.batching import ThreadBatcher
from chatserver.errors import Unavailable
from chatserver.http.problems import CHALLENGE
from chatserver.http.throttling import Rate, Throttle
from users.last_seen import mark_seen
from users.models import User, hash_secret, session_credential, token_credential

LOGIN_RATE = Rate.parse(settings.CHAT_THROTTLE_LOGIN, "CHAT_THROTTLE_LOGIN")
login_throttle = Throttle("login", LOGIN_RATE, is_shared=True)
# Names are invented easily, and each wrong password costs as much as a right one: an address has so many names' worth.
NAMES_OF_AN_ADDRESS = 10
address_throttle = Throttle(
    "login-address", Rate(LOGIN_RATE.limit * NAMES_OF_AN_ADDRESS, LOGIN_RATE.seconds), is_shared=True
)

MAX_VERIFIED = 10_000
# A password takes a core for a good part of a second.
_hashing_places = threading.BoundedSemaphore(max(1, settings.CHAT_THREADS // 2))
# As text: nearly every request asks this, and Django would take longer to compose it than PostgreSQL to answer.
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
BEARERS = (
    f"SELECT t.secret_hash, t.id, {', '.join(f'u.{field.column}' for field in User._meta.concrete_fields)} "  # noqa: S608 - constants
    "FROM users_token t JOIN users_user u ON u.id = t.user_id "
    "WHERE t.secret_hash = ANY(%s) AND t.expires_at > now() AND u.is_active"
)
MAX_JOINED = 100


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer ct_…`"""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = _bearers.call(hash_secret(secret.strip()))
        if found is None:
            raise AuthenticationFailed("This token is not valid, or no longer.", code="invalid_token")
        user, token_id = found
        return _seen(request, user), token_credential(token_id)

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _find_bearers(hashes: Sequence[bytes]) -> list[tuple[User, int] | None]:
    """Whose tokens these are, and their ids; None for what is no token (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(BEARERS, [list(hashes)])
        # A person of his own for each: callers change theirs.
        rows = {bytes(row[0]): row for row in cursor.fetchall()}
    found = [rows.get(secret_hash) for secret_hash in hashes]
    return [row and (User.from_db(connection.alias, USER_FIELDS, row[2:]), row[1]) for row in found]


# Requests that come at the same time are looked up at once.
_bearers = ThreadBatcher(_find_bearers, MAX_JOINED)


class PasswordAuthentication(BasicAuthentication):
    """`Authorization: Basic …`. Slow hashes are checked once per process and password, then remembered."""

    def authenticate_credentials(  # type: ignore[override]  # the stubs say that there is never a credential
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[User, str]:
        if request is None:
            raise AuthenticationFailed
        user = check_login(request._request, userid, password)
        return _seen(request, user), f"password:{user.pk}"


class CookieAuthentication(SessionAuthentication):
    """Django's session. Writes need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        found = super().authenticate(request)
        return (
            None
            if found is None
            else (_seen(request, found[0]), session_credential(request._request.session.session_key or ""))
        )

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def check_login(request: HttpRequest, username: str, password: str) -> User:
    """The user with this name and password. AuthenticationFailed, the same for every reason; Throttled for too many."""
    username = User.normalize_username(username)
    user = None if "\0" in username else User.objects.named(username).first()
    if user is not None and verified.knows(user, password):
        return user
    count_attempt(request, username)
    with hashing():
        if user is None:
            make_password(password)  # takes as long as a check, so that a name can't be guessed by the clock
        elif check_password(password, user.password) and user.is_active:
            verified.remember(user, password)
            return user
    raise invalid_login()


def invalid_login() -> AuthenticationFailed:
    """The one answer to every attempt to log in that fails."""
    return AuthenticationFailed("Invalid username or password.", code="invalid_credentials")


@contextmanager
def hashing() -> Iterator[None]:
    """A place to check a password. Unavailable when half the threads do that already: the others are for everybody."""
    if not _hashing_places.acquire(blocking=False):
        raise Unavailable("Too many people log in at this moment; come back.", code="overloaded")
    try:
        yield
    finally:
        _hashing_places.release()


def count_attempt(request: HttpRequest, username: str) -> None:
    """Count a try of a password, by address and name, and by address alone. Throttled for too many."""
    address = client_address(request)
    address_throttle.spend(request, address)
    login_throttle.spend(request, f"{address}:{username.lower()[:150]}")


def client_address(request: HttpRequest) -> str:
    """The caller's address, behind as many proxies as CHAT_NUM_PROXIES says."""
    proxies: int = settings.CHAT_NUM_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and forwarded:
        return forwarded[-min(proxies, len(forwarded))]
    return str(request.META.get("REMOTE_ADDR", ""))


class VerifiedPasswords:
    """Remembers which passwords were right, as hashes bound to the stored hash: a new password forgets the old."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._guard = threading.Lock()

    def knows(self, user: User, password: str) -> bool:
        with self._guard:
            return user.is_active and self._key(user, password) in self._seen

    def remember(self, user: User, password: str) -> None:
        with self._guard:
            self._seen[self._key(user, password)] = None
            if len(self._seen) > self._size:
                self._seen.popitem(last=False)

    def _key(self, user: User, password: str) -> bytes:
        text = f"{user.pk}:{user.password}:{password}".encode()
        return hmac.digest(settings.SECRET_KEY.encode(), text, "sha256")


verified = VerifiedPasswords(MAX_VERIFIED)


def _seen(request: Request, user: User) -> User:
    mark_seen(user.pk)
    request._request.acting_user_id = user.pk  # type: ignore[attr-defined]  # for the log of requests
    return user
