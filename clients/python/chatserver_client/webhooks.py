"""Webhooks as Standard Webhooks 1.0 signs them, see https://www.standardwebhooks.com"""

import base64
import binascii
import hmac
import time
from collections.abc import Mapping

from chatserver_client.errors import WebhookInvalid
from chatserver_client.events import Event, event_of

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
# A webhook that was signed longer ago may have been recorded by somebody and sent again.
TOLERANCE_SECONDS = 5 * 60


def verify(
    payload: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance_seconds: float = TOLERANCE_SECONDS
) -> Event:
    """The event in a webhook. WebhookInvalid where it was not signed with this secret lately.

    `payload` is the body as it came, unparsed; `headers` have webhook-id, webhook-timestamp and webhook-signature in
    any case. An id comes again where an answer was lost: keep those that you have handled.
    """
    body = payload.encode() if isinstance(payload, str) else payload
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        webhook_id, timestamp, signatures = (lower[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        sent_at = int(timestamp)
    except KeyError as error:
        raise WebhookInvalid(f"the header {error} is missing") from None
    except ValueError:
        raise WebhookInvalid("webhook-timestamp is no number of seconds") from None
    if abs(time.time() - sent_at) > tolerance_seconds:
        raise WebhookInvalid("it was signed too long ago, or the clocks differ")
    expected = _signature(secret, f"{webhook_id}.{timestamp}.".encode() + body)
    for signature in signatures.split():
        version, _, given = signature.partition(",")
        if version == "v1" and hmac.compare_digest(given.encode(), expected):
            break
    else:
        raise WebhookInvalid("no signature is of this secret")
    try:
        return event_of(body.decode())
    except ValueError as error:
        raise WebhookInvalid(f"the body is no event: {error}") from error


def _signature(secret: str, content: bytes) -> bytes:
    """ValueError for a secret that is none: with an empty one, anybody could sign."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("the secret is not like whsec_… with base64 behind it")
    return base64.b64encode(hmac.digest(key, content, "sha256"))
