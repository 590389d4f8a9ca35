"""System checks that refuse to start production with unsafe settings, each with a hint how to fix it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32


@register(Tags.security)
def check_production(**_: Any) -> list[CheckMessage]:
    """With DEBUG off: a real secret, named hosts."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if is_weak(settings.SECRET_KEY):
        found.append(Error("SECRET_KEY is too weak.", hint="Set a random one of 50 characters.", id="chatserver.E001"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error("ALLOWED_HOSTS does not name the hosts.", hint="ALLOWED_HOSTS=chat.example.com", id="chatserver.E002")
        )
    return found


def is_weak(secret: str) -> bool:
    """Whether a secret is too short, the placeholder of an example, or has a comment behind it."""
    is_placeholder = secret.startswith("change-me") or "…" in secret or any(map(str.isspace, secret))
    return is_placeholder or len(secret) < SHORTEST_SECRET


def refuse_unsafe_production() -> None:
    """The same for servers that run no system checks: daphne and granian themselves. ImproperlyConfigured."""
    for message in check_production():
        raise ImproperlyConfigured(f"{message.msg} {message.hint} ({message.id})")


@register(Tags.security, deploy=True)
def check_deployment(**_: Any) -> list[CheckMessage]:
    """Warnings about what works but should not be deployed, or only on purpose."""
    if settings.DEBUG:
        return []  # of that itself Django warns
    unsafe = [
        (
            settings.EMBEDDED_ENGINES,
            "The embedded PostgreSQL or Valkey is in use.",
            "Set DATABASE_URL and REDIS_URL to servers that are backed up and watched.",
            "chatserver.W001",
        ),
        (
            settings.CHAT_PASSWORDLESS_LOGIN,
            "People without a password sign in by name alone.",
            "CHAT_PASSWORDLESS_LOGIN=False, unless all who can reach the server may be anybody.",
            "chatserver.W002",
        ),
        (
            settings.CHAT_OPEN_REGISTRATION,
            "Anybody may register.",
            "CHAT_OPEN_REGISTRATION=False, unless strangers are welcome.",
            "chatserver.W003",
        ),
        (
            settings.CHAT_BEHIND_HTTPS_PROXY and not settings.CHAT_NUM_PROXIES,
            "There is a proxy in front, and limits count its address for everybody's.",
            "CHAT_NUM_PROXIES=1, or as many as append to X-Forwarded-For.",
            "chatserver.W004",
        ),
        (
            not settings.CHAT_METRICS_TOKEN,
            "/metrics has no token: every account on this machine may read it, and nobody elsewhere.",
            "Set CHAT_METRICS_TOKEN, and send it as a bearer token.",
            "chatserver.W005",
        ),
        (
            settings.CHAT_JWT_KEYS.jwks_url and not (settings.CHAT_JWT_KEYS.issuer and settings.CHAT_JWT_KEYS.audience),
            "Everything that the identity provider signs is a login here, also what it signs for others.",
            "Set CHAT_JWT_ISSUER and CHAT_JWT_AUDIENCE.",
            "chatserver.W006",
        ),
    ]
    return [Warning(message, hint=hint, id=check_id) for is_unsafe, message, hint, check_id in unsafe if is_unsafe]
