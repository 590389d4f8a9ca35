"""Daphne's own log of requests, without what follows the path (the old login has a password there), and cut off."""

from typing import Any

from daphne.access import AccessLogGenerator

from chatserver.config.log_texts import bounded


def leave_out_queries() -> None:
    """For this process."""
    write_entry = AccessLogGenerator.write_entry

    def write_path(self: AccessLogGenerator, host: str, date: Any, request: str, *more: Any, **named: Any) -> None:
        write_entry(self, host, date, bounded(request.partition("?")[0]), *more, **named)

    AccessLogGenerator.write_entry = write_path
