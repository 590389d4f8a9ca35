"""System checks that refuse to start production with unsafe settings, each with a hint how to fix it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SHORTEST_SECRET = 32


@register(Tags.security)
def check_production(**_: Any) -> list[CheckMessage]:
    """With DEBUG off: a real secret, named hosts, no login without a password."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or settings.SECRET_KEY.startswith("change-me"):
        found.append(Error("SECRET_KEY is too weak.", hint="Set a random one of 50 characters.", id="chatserver.E001"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error("ALLOWED_HOSTS does not name the hosts.", hint="ALLOWED_HOSTS=chat.example.com", id="chatserver.E002")
        )
    if settings.CHAT_PASSWORDLESS_LOGIN:
        found.append(
            Error("Anyone may log in without a password.", hint="CHAT_PASSWORDLESS_LOGIN=False", id="chatserver.E003")
        )
    return found


@register(Tags.security, deploy=True)
def check_deployment(**_: Any) -> list[CheckMessage]:
    """Warnings about what works but should not be deployed."""
    found: list[CheckMessage] = []
    if settings.EMBEDDED_ENGINES and not settings.DEBUG:
        found.append(
            Warning(
                "The embedded PostgreSQL or Valkey is in use.",
                hint="Set DATABASE_URL and REDIS_URL to servers that are backed up and watched.",
                id="chatserver.W001",
            )
        )
    return found
