"""Structured logs: JSON lines in production, readable lines in development, both with the request's id."""

import json
import logging
import logging.config
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
import structlog
from django.core.exceptions import ImproperlyConfigured

from chatserver.config.log_texts import bound_facts, bounded, escape_facts, shown_traceback

SHARED_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

_requests = logging.getLogger("chatserver.request")
_has_json = False


def has_traceback(record: logging.LogRecord) -> bool:
    """A logging filter that keeps records with an exception."""
    return bool(record.exc_info)


def log_request(**facts: Any) -> None:
    """Write the line of an answered request to stderr. JSON without structlog, which would cost more."""
    if not _requests.isEnabledFor(logging.INFO):
        return
    facts = {name: bounded(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    if not _has_json:
        structlog.get_logger(_requests.name).info("request", **facts)
        return
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    line = {**facts, "event": "request", "logger": _requests.name, "level": "info", "timestamp": moment}
    text = msgspec.json.encode(line).decode()
    # A path may contain characters that end a line for some readers (U+0085, U+2028), or that control a terminal.
    shown = text if text.isascii() else json.dumps(line)
    # A log that can't be written to, as on a full disk, must not fail a request that has succeeded.
    with suppress(OSError, ValueError):
        sys.stderr.write(shown + "\n")


def _write_traceback(stream: TextIO, exc_info: structlog.typing.ExcInfo) -> None:
    stream.write("\n" + shown_traceback(exc_info[1]))


def logging_config(level: str, log_format: str) -> None:
    """Send every logger through structlog, as `json` or `console`. ImproperlyConfigured names an invalid value."""
    global _has_json
    if level not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(
            f"LOG_LEVEL is {level!r}; it must be one of {', '.join(logging.getLevelNamesMapping())}"
        )
    renderers: dict[str, list[structlog.typing.Processor]] = {
        "json": [
            structlog.processors.ExceptionRenderer(lambda exc_info: shown_traceback(exc_info[1])),
            structlog.processors.JSONRenderer(),
        ],
        "console": [escape_facts, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_write_traceback)],
    }
    if log_format not in renderers:
        raise ImproperlyConfigured(f"LOG_FORMAT is {log_format!r}; it must be json or console")
    _has_json = log_format == "json"
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structlog": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": SHARED_PROCESSORS,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        bound_facts,
                        *renderers[log_format],
                    ],
                }
            },
            "filters": {"traceback": {"()": lambda: has_traceback}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Each request already has one line of ours, so of Django's own only the tracebacks are kept.
                "django.request": {"level": "ERROR", "filters": ["traceback"]},
                "django.server": {"level": "WARNING"},
                # A request for another host is answered 400; strangers must not fill the log with tracebacks of that.
                "django.security.DisallowedHost": {"level": "CRITICAL"},
                # It quotes the Referer, whose query may have anything.
                "django.security.csrf": {"level": "CRITICAL"},
                # Granian gives it a handler of its own before this.
                "_granian": {"level": "WARNING", "propagate": True},
            },
        }
    )
