"""`Authorization: Basic …`, and the check of a username and a password, which sign-in uses, too."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from chatserver.errors import ChatError, Unauthorized, Unavailable
from chatserver.http.authorization import Authorization
from chatserver.http.metrics import FAILED_SIGN_INS
from chatserver.http.password_routes import SIGN_IN_THREAD
from users.credentials.identity import Identity
from users.credentials.login_throttles import count_attempt, is_known_address, remember_address
from users.credentials.request import RequestCredentials
from users.credentials.verified_passwords import MAX_VERIFIED_PASSWORDS, VerifiedPasswords
from users.models import MAX_PASSWORD, User, password_credential
from users.password_forms import password_forms

verified = VerifiedPasswords(MAX_VERIFIED_PASSWORDS)
# To hash a password takes a core for a good part of a second. So requests that hash one have threads of their own
# (chatserver/server/sign_ins.py). Where that can't be foreseen, as for a stream, so many other threads do it at a time.
_hashing_places = threading.BoundedSemaphore(max(1, settings.CHAT_THREADS // 2))


def claims(credentials: RequestCredentials) -> bool:
    return credentials.authorization is not None and credentials.authorization.scheme == "basic"


def identify(credentials: RequestCredentials) -> Identity:
    assert credentials.authorization is not None
    username, password = read_basic(credentials.authorization.credentials)
    user = check_login(credentials, username, password)
    verified.remember_header(credentials.authorization.credentials)
    return Identity(user, password_credential(user.pk), None)


def is_to_be_hashed(authorization: Authorization | None) -> bool:
    """Whether a request comes with a password that this process has not checked before."""
    if authorization is None or authorization.scheme != "basic":
        return False
    return not verified.knows_header(authorization.credentials)


def read_basic(text: str) -> tuple[str, str]:
    """The username and password in base64, see RFC 7617: UTF-8, or Latin-1 of older clients. Unauthorized."""
    try:
        pair = base64.b64decode(text, validate=True)
    except ValueError:
        pair = b""
    try:
        username, colon, password = pair.decode().partition(":")
    except UnicodeDecodeError:
        username, colon, password = pair.decode("latin-1").partition(":")
    if not colon:
        raise Unauthorized("Basic credentials must be base64 of name:password.", code="authentication_failed")
    return username, password


def check_login(credentials: RequestCredentials, username: str, password: str) -> User:
    """The user with this name and password. Unauthorized, the same for every reason; Throttled; Unavailable.

    A slow hash is checked once per process and password, then remembered.
    """
    user = User.objects.named(username).first()
    # From an address that is new to this person even a right password counts: else the limits would stop no guesses.
    if user is not None and verified.knows(user, password) and is_known_address(credentials, username):
        return user
    with failure_logged(credentials, user):
        return _check_password(credentials, user, username, password)


def _check_password(credentials: RequestCredentials, user: User | None, username: str, password: str) -> User:
    count_attempt(credentials, username)
    if len(password) > MAX_PASSWORD:
        raise invalid_login()
    if user is not None and verified.knows(user, password):
        remember_address(credentials, username)
        return user
    with hashing():
        forms = password_forms(password)
        if user is None:
            for form in forms:  # takes as long as a check, so that timing does not show whether the name exists
                make_password(form)
        elif any(check_password(form, user.password) for form in forms) and user.is_active:
            verified.remember(user, password)
            remember_address(credentials, username)
            return user
    raise invalid_login()


@contextmanager
def failure_logged(credentials: RequestCredentials, user: User | None) -> Iterator[None]:
    """Where a sign-in is refused in here, the request's log line tells whose it was.

    The name is that of an existing user, never what was sent: people type passwords into the field for the name.
    """
    try:
        yield
    except ChatError as error:
        log_failure(credentials.request, user, error.code)
        error.log_facts = {"failed_sign_in": user.username if user else None}
        raise


def log_failure(request: HttpRequest | None, user: User | None, code: str) -> None:
    """Count a failed sign-in, and note it for the log line. A form calls this itself: it shows the refusal."""
    FAILED_SIGN_INS.labels(code).inc()
    if request is not None:
        request.log_facts = {"failed_sign_in": user.username if user else None}  # type: ignore[attr-defined]  # ours


def invalid_login() -> Unauthorized:
    """The same answer to every failed attempt to log in."""
    return Unauthorized("Invalid username or password.", code="invalid_credentials")


@contextmanager
def hashing() -> Iterator[None]:
    """Hash a password in here. Unavailable in a thread for other requests when half of those do so already."""
    if threading.current_thread().name.startswith(SIGN_IN_THREAD):
        yield
        return
    if not _hashing_places.acquire(blocking=False):
        raise Unavailable("Too many people log in at this moment; come back.", code="overloaded")
    try:
        yield
    finally:
        _hashing_places.release()
