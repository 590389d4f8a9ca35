"""Service keys of a running service, as the database holds them."""

import secrets

from chatserver.tests.harness.service import Client
from users.models import hash_secret

INSERT_KEY = (
    "INSERT INTO users_servicekey (service_id, name, secret_hash, scopes, created_at, expires_at) "
    "VALUES (%s, 'shop', %s, %s, now(), now() + %s::interval)"
)


def service_account(account: Client) -> Client:
    """The same account, as a service."""
    account.service.sql("UPDATE users_user SET is_service = true WHERE id = %s", account.id)
    return account


def key_of(account: Client, *scopes: str, life: str = "1 day") -> str:
    """A key of a service account with these scopes."""
    secret = f"csk_{secrets.token_urlsafe(32)}"
    account.service.sql(INSERT_KEY, account.id, hash_secret(secret), list(scopes), life)
    return secret
