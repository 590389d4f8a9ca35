"""Limits on attempts at passwords, by address and name, and by address alone."""

from django.conf import settings

from chatserver.http.throttling import Rate, Throttle
from users.credentials.request import RequestCredentials
from users.usernames import fold_username, normal_username

LOGIN_RATE = Rate.parse(settings.CHAT_THROTTLE_LOGIN, "CHAT_THROTTLE_LOGIN")
# Usernames are easy to invent, and a wrong password costs as much to check as a right one. So an address alone has a
# limit, too: that of ten names.
NAMES_PER_ADDRESS = 10

login_throttle = Throttle("login", LOGIN_RATE, is_shared=True)
address_throttle = Throttle(
    "login-address", Rate(LOGIN_RATE.limit * NAMES_PER_ADDRESS, LOGIN_RATE.seconds), is_shared=True
)


def count_attempt(credentials: RequestCredentials, username: str) -> None:
    """Count an attempt. Throttled for too many."""
    address_throttle.spend(credentials.request, credentials.address)
    login_throttle.spend(credentials.request, f"{credentials.address}:{fold_username(normal_username(username) or '')}")
