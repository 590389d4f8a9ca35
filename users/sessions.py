"""Sessions in the database, except that a cookie which can't be the key of one is no session."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session


class SessionStore(DatabaseStore):
    # When the row that was loaded ends. Django's own get_expiry_date() counts from now on.
    loaded_expiry: datetime | None = None

    def _validate_session_key(self, key: str | None) -> bool:
        # A quoted cookie may hold any character; PostgreSQL refuses to look for a NUL.
        is_sane = key is not None and key.isascii() and key.isalnum()
        return is_sane and super()._validate_session_key(key)  # type: ignore[misc]  # Django's own hook, not in the stubs

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # the same
        self.loaded_expiry = None if row is None else row.expire_date
        return row
