"""When a delivery is tried again."""

import random
from email.utils import parsedate_to_datetime

from django.utils import timezone

# Before the second attempt, the third, and so on. The first is made at once.
RETRY_DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
MAX_DELIVERY_ATTEMPTS = len(RETRY_DELAYS) + 1
# Of each delay, up or down: what failed together is not tried again together.
JITTER = 0.1
# A receiver may ask for more time than the schedule gives, up to this.
MAX_RETRY_AFTER_SECONDS = 86_400


def delay_after(attempts: int, retry_after: str | None = None) -> float | None:
    """Seconds until the next attempt, after so many that failed; None after the last. `retry_after` is the header."""
    if attempts >= MAX_DELIVERY_ATTEMPTS:
        return None
    delay = RETRY_DELAYS[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
    return max(delay, min(_seconds_of(retry_after), MAX_RETRY_AFTER_SECONDS))


def _seconds_of(retry_after: str | None) -> float:
    """Retry-After in seconds from now: it is a number of them, or a date. 0 without one, or for what is neither."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return (parsedate_to_datetime(text) - timezone.now()).total_seconds()
    except (TypeError, ValueError, OverflowError):  # of no date, one without a zone, and one with a huge number in it
        return 0.0
