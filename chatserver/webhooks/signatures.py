"""Secrets and signatures of Standard Webhooks 1.0, https://github.com/standard-webhooks/standard-webhooks.

A secret is not stored: it is an HMAC of the endpoint's random salt, whose key is SECRET_KEY. So a copy of the database
alone signs nothing. While SECRET_KEY_FALLBACKS has a former key, deliveries are signed with its secrets as well.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.utils.crypto import salted_hmac

SECRET_PREFIX = "whsec_"  # noqa: S105 - the standard's


def new_salt() -> str:
    return secrets.token_hex(16)


def secret_of(salt: str) -> str:
    """The secret as its owner is shown it."""
    return SECRET_PREFIX + base64.b64encode(_key_of(salt, settings.SECRET_KEY)).decode()


def signed_headers(webhook_id: str, seconds: int, body: bytes, salts: Iterable[str]) -> dict[str, str]:
    """The standard's headers, with a signature for each secret. `seconds` is the time of the attempt, since 1970."""
    content = f"{webhook_id}.{seconds}.".encode() + body
    keys = [_key_of(salt, key) for salt in salts for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key_of(salt: str, secret_key: str | bytes) -> bytes:
    return salted_hmac("chatserver.webhooks", salt, secret=secret_key, algorithm="sha256").digest()
