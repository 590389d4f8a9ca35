"""Limits on attempts at passwords: of an address at one name, of an address at any, and of all others at one name.

Nobody locks a person out: attempts of strangers do not count against addresses from which that person has signed in.
"""

from contextlib import suppress

from django.conf import settings
from django.utils.crypto import salted_hmac

from chatserver.http.client_address import network_of
from chatserver.http.throttling import Throttle
from chatserver.storage.redis_client import RedisAway, redis_client, redis_key
from users.credentials.request import RequestCredentials
from users.usernames import fold_username, normal_username

LOGIN_RATE = settings.CHAT_THROTTLE_LOGIN
# Usernames are easy to invent, and a wrong password costs as much to check as a right one. So an address alone has a
# limit, too: that of so many names.
NAMES_PER_ADDRESS = 10
# A name may be tried from new addresses as often as from so many, in so many periods: addresses are easy to have, too.
ADDRESSES_PER_NAME = 5
PERIODS_PER_NAME = 60
# For so long an address is known after a person signed in from there.
KNOWN_SECONDS = 90 * 86400

login_throttle = Throttle("login", LOGIN_RATE)
address_throttle = Throttle("login-address", LOGIN_RATE and LOGIN_RATE.times(NAMES_PER_ADDRESS))
name_throttle = Throttle("login-name", LOGIN_RATE and LOGIN_RATE.times(ADDRESSES_PER_NAME, PERIODS_PER_NAME))


def count_attempt(credentials: RequestCredentials, username: str) -> None:
    """Count an attempt. Throttled for too many."""
    network, name = network_of(credentials.address), _hashed(username)
    address_throttle.spend(credentials.request, network)
    login_throttle.spend(credentials.request, f"{network}:{name}")
    if not _is_known(network, name):
        name_throttle.spend(None, name)


def remember_address(credentials: RequestCredentials, username: str) -> None:
    """Note that this person has signed in from here."""
    with suppress(*RedisAway):
        redis_client().set(_known_key(network_of(credentials.address), _hashed(username)), 1, ex=KNOWN_SECONDS)


def is_known_address(credentials: RequestCredentials, username: str) -> bool:
    """Whether this person has signed in from here before."""
    return _is_known(network_of(credentials.address), _hashed(username))


def _is_known(network: str, name: str) -> bool:
    """True while Redis is away: nobody is locked out for what can't be known."""
    try:
        return bool(redis_client().exists(_known_key(network, name)))
    except RedisAway:
        return True


def _known_key(network: str, name: str) -> str:
    return redis_key("known-address", network, name)


def _hashed(username: str) -> str:
    """A keyed hash of the folded name: what is deleted must not stay in Redis."""
    return salted_hmac("users.login_throttles", fold_username(normal_username(username) or "")).hexdigest()
