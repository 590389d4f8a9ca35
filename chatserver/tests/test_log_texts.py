"""What gets into a line of the log: bounded, on one line, and no values of the database."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from chatserver.config import logging as chat_logging
from chatserver.config.log_texts import MAX_LOGGED_TRACEBACK, shown_error, shown_traceback
from users.models import User

SECRET = "sesame-9f2c61"


@pytest.fixture(params=["json", "console"])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the handler of all loggers writes, in this format."""
    root, requests = logging.getLogger(), logging.getLogger("chatserver.request")
    kept = (root.handlers[:], root.level, structlog.get_config(), chat_logging._has_json, requests.level)
    chat_logging.logging_config("INFO", request.param)
    written = io.StringIO()
    root.handlers[0].setStream(written)  # type: ignore[attr-defined]  # a StreamHandler
    yield written
    root.handlers[:], chat_logging._has_json = kept[0], kept[3]
    root.setLevel(kept[1])
    structlog.configure(**kept[2])


def fail_to_insert(alice: User) -> Exception:
    with pytest.raises(IntegrityError) as failed, transaction.atomic():
        User.objects.create(username=alice.username, email=f"{SECRET}@example.com", username_skeletons=[SECRET])
    return failed.value


def test_an_error_of_the_database_quotes_no_row(alice: User) -> None:
    failure = fail_to_insert(alice)
    with pytest.raises(DataError) as wrong_value, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [SECRET])
    for error, code in ((failure, "23505"), (wrong_value.value, "22P02")):
        assert f"SQLSTATE {code}" in shown_error(error)
        assert SECRET not in shown_traceback(error) + shown_error(error)
    assert "users_user_username" in shown_error(failure) or "users_user_folded_name" in shown_error(failure)


def test_an_error_of_the_connection_says_what_is_wrong() -> None:
    assert (
        shown_error(OperationalError("connection to server failed")) == "OperationalError: connection to server failed"
    )


def test_no_line_quotes_a_row_or_is_long(alice: User, lines: io.StringIO) -> None:
    failure = fail_to_insert(alice)
    logger = logging.getLogger("anything")
    try:
        raise RuntimeError("outer") from failure
    except RuntimeError:
        logger.exception("bug at /%s", "x" * 60_000)
        structlog.get_logger("ours").exception("bug", path="/" + "x" * 60_000, error=failure, many=["x"] * 60_000)
    written = lines.getvalue()
    assert written.count("RuntimeError: outer") == 2
    assert "SQLSTATE 23505" in written
    assert SECRET not in written
    assert len(written) < 2 * (MAX_LOGGED_TRACEBACK + 3_000)


def test_nothing_ends_a_line(lines: io.StringIO) -> None:
    structlog.get_logger("ours").warning("odd\nevent", path="/a\r\nb\x1b[31m\u2028c")
    logging.getLogger("anything").warning("Not found: %s", "/a\nb\x85")
    written = lines.getvalue().splitlines()
    assert len(written) == 2
    assert all(line.isprintable() for line in written)


def test_a_request_is_bounded_for_people_too(lines: io.StringIO) -> None:
    chat_logging.log_request(path="/" + "x" * 60_000, failed_sign_in=None)
    # JSON of requests goes to stderr itself, see test_request_log.py.
    assert len(lines.getvalue()) < 1_000


def test_a_traceback_has_a_bound_and_every_cause() -> None:
    def deep(levels: int) -> None:
        if levels:
            try:
                deep(levels - 1)
            except ValueError as error:
                raise ValueError(f"level {levels} {'x' * 10_000}") from error
        raise ValueError("the first")

    with pytest.raises(ValueError) as failed:
        deep(3)
    text = shown_traceback(failed.value)
    assert [f"level {level}" in text for level in (1, 2, 3)] == [True] * 3
    assert text.index("the first") < text.index("level 3")
    with pytest.raises(ValueError) as failed:
        deep(60)
    assert len(shown_traceback(failed.value)) <= MAX_LOGGED_TRACEBACK
    assert json.dumps(text)
