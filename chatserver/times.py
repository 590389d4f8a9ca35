"""How the API writes times: UTC without a fraction, 2015-12-25T09:13:40Z."""

from datetime import UTC, datetime

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def api_time(moment: datetime | None) -> str | None:
    """A moment as the API writes it; None stays None."""
    return None if moment is None else moment.astimezone(UTC).strftime(FORMAT)


def api_time_of(seconds: float) -> str:
    """The same, of seconds since 1970."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime(FORMAT)
