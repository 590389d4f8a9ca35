"""Sessions in the database, except that a cookie which can be no key of one is no session."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    def _validate_session_key(self, key: str | None) -> bool:
        # A quoted cookie may hold any character; PostgreSQL refuses to look for a NUL.
        is_sane = key is not None and key.isascii() and key.isalnum()
        return is_sane and super()._validate_session_key(key)  # type: ignore[misc]  # Django's own hook, not in the stubs
