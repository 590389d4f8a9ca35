"""The environment, read strictly: what is not of its kind stops the start instead of passing for another value."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"true", "on", "yes", "y", "1"})
FALSE = frozenset({"false", "off", "no", "n", "0"})


class Environment(environ.Env):
    """Flags and numbers that are left empty count as left out. ImproperlyConfigured names a bad value."""

    def bool(self, var: str, default: Any = None) -> Any:
        text = self.str(var, default="").strip().lower()
        if text and text not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{var} is {text!r}; it must be True or False")
        return text in TRUE if text else default

    def int(self, var: str, default: Any = None) -> Any:
        text = self.str(var, default="").strip()
        try:
            return int(text) if text else default
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} is {text!r}; it must be a whole number") from error


# libpq waits for ever by default, and a machine that vanished would hold each thread for a quarter of an hour.
# Milliseconds for tcp_user_timeout, seconds for the others.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def database_config(url: str) -> dict[str, Any]:
    """Django's settings of the postgres:// URL in DATABASE_URL. Options in the URL win over PATIENCE."""
    try:
        config: dict[str, Any] = environ.Env.db_url_config(url) if "://" in url else {}
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is no URL: {error}") from error
    if "postgresql" not in config.get("ENGINE", ""):
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// URL; ChatServer runs on PostgreSQL only")
    return config | {"OPTIONS": PATIENCE | config.get("OPTIONS", {})}
