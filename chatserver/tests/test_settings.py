"""A bad setting stops the start with a sentence that names it."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatserver.config.environment import Environment
from chatserver.tests.harness.settings import PRODUCTION, Read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("CHAT_OPEN_REGISTRATION", "flase"),
        ("CHAT_PASSWORDLESS_LOGIN", "2"),
        ("CHAT_HTTPS", "https"),
        ("CHAT_TOKEN_DAYS", "a month"),
        ("CHAT_TOKEN_DAYS", "0"),
        ("CHAT_TOKEN_DAYS", "99999999999"),
        ("CHAT_TOKEN_DAYS", "1.5"),
        ("CHAT_LOG_DAYS", "-1"),
        ("CHAT_AUDIT_DAYS", "999999"),
        ("CHAT_EDIT_HISTORY_DAYS", "999999"),
        ("CHAT_MAX_STREAMS", "0"),
        ("CHAT_MAX_CONNECTIONS_PER_ADDRESS", "-1"),
        ("CHAT_THREADS", "0"),
        ("CHAT_MAX_ROOMS", "0"),
        ("CHAT_THROTTLE_LOGIN", "20"),
        ("CHAT_THROTTLE_REGISTRATION", "none"),
        ("CHAT_THROTTLE_PROFILE", "1/month"),
        ("CHAT_THROTTLE_WRITES", "1200 a minute"),
        ("CHAT_THROTTLE_READS", "0/minute"),
        ("CHAT_THROTTLE_ROOM_WRITES", "-1/minute"),
        ("CHAT_THROTTLE_ROOMS", "1.5/hour"),
        ("CHAT_THROTTLE_MEMBERS", "/hour"),
        ("CHAT_THROTTLE_STRANGERS", "of"),
        ("CHAT_NUM_PROXIES", "-1"),
        ("CHAT_HSTS_SECONDS", "-1"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlite:///chat.db"),
        ("DATABASE_URL", "mysql://localhost/chat"),
        ("DATABASE_URL", "postgres://user:secret@host:port/chat"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis+ring://localhost"),
        ("REDIS_URL", "unix+cluster://localhost"),
        ("REDIS_URL", "redis+sentinel://user:secret@sentinel:26379"),
        ("REDIS_URL", "redis+sentinel://sentinel/chat/zero"),
        ("REDIS_URL", "redis+sentinel://sentinel/chat?sentinel_pasword=secret"),
        ("REDIS_URL", "redis+sentinel://sentinel,/chat"),
        ("REDIS_URL", "redis+cluster://node:port"),
        ("REDIS_URL", "redis+cluster://node/1"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_named(read: Read, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name) as refused:
        read(**{name: value})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "change-me-change-me-change-me-change-me-change-me"),
        ("SECRET_KEY", "<a long random text of your own, please>"),
        ("SECRET_KEY", "…"),
        ("SECRET_KEY", "a-good-one-of-fifty-characters-and-a-comment # really"),
        ("ALLOWED_HOSTS", "<host>"),
        ("DATABASE_URL", "postgres://chat:…@db:5432/chat"),
        ("DATABASE_URL", "postgres://chat:<password>@db/chat"),
        ("REDIS_URL", "redis://:CHANGE_ME@redis:6379/0"),
        ("REDIS_URL", "redis://:...@redis:6379/0"),
        ("CHAT_METRICS_TOKEN", "replace me"),
        ("CHAT_TOKEN_DAYS", "30 # days"),
    ],
)
def test_a_placeholder_and_a_comment_are_no_values(read: Read, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        read(**{**PRODUCTION, name: value})


@pytest.mark.parametrize(
    "secret",
    [
        "a<b>c" * 10,
        "k#" * 25,
        "changes-and-memories-of-fifty-characters-in-a-row",
        "x...y" * 10,
        "exchange-memory-" * 3,
    ],
)
def test_what_only_looks_a_little_like_one_is(read: Read, secret: str) -> None:
    assert read(**{**PRODUCTION, "SECRET_KEY": secret})["SECRET_KEY"] == secret


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("DEBUG=False\nSECRET KEY=x\n", "line 2 is not NAME=value"),
        ("DEBUG = False\n", "line 1 is not NAME=value"),
        ("DEBUG\n", "line 1 is not NAME=value"),
        (b"SECRET_KEY=\xff\n", "can't be read"),
    ],
)
def test_a_file_with_something_else_is_refused(tmp_path: Path, text: str | bytes, reason: str) -> None:
    file = tmp_path / ".env"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ImproperlyConfigured, match=reason):
        Environment().read_file(file)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nexport CHAT_HERE=file\n  CHAT_THERE='file'\n")
    monkeypatch.setenv("CHAT_HERE", "environment")
    monkeypatch.delenv("CHAT_THERE", raising=False)
    assert Environment().read_file(file) == {"CHAT_THERE"}
    assert (os.environ["CHAT_HERE"], os.environ.pop("CHAT_THERE")) == ("environment", "file")


@pytest.mark.parametrize("name", ["DEBUG", "CHAT_OPEN_REGISTRATION", "CHAT_TOKEN_DAYS", "DATABASE_URL", "REDIS_URL"])
def test_an_empty_value_is_as_good_as_none(read: Read, name: str) -> None:
    found = read(**{name: ""})
    assert (found["DEBUG"], found["CHAT_OPEN_REGISTRATION"], found["CHAT_TOKEN_DAYS"]) == (True, True, 30)
    assert found["EMBEDDED_ENGINES"] is True


@pytest.mark.parametrize(("text", "value"), [("1", True), ("yes", True), ("ON", True), ("0", False), ("No", False)])
def test_flags_are_read_as_people_write_them(read: Read, text: str, value: bool) -> None:
    assert read(CHAT_OPEN_REGISTRATION=text)["CHAT_OPEN_REGISTRATION"] is value


def test_production_demands_a_secret_and_trusts_nobody_without_a_password(read: Read, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        read(DEBUG="False")
    assert not (tmp_path / "secret_key").exists()
    found = read(**PRODUCTION)
    assert (found["DEBUG"], found["CHAT_PASSWORDLESS_LOGIN"]) == (False, False)
    assert (found["ALLOWED_HOSTS"], found["LOG_FORMAT"]) == (["chat.example.com"], "json")
    assert read()["CHAT_PASSWORDLESS_LOGIN"] is False


def test_production_may_keep_a_secret_that_it_makes_where_that_is_asked_for(read: Read, tmp_path: Path) -> None:
    production = {**PRODUCTION, "SECRET_KEY": ""}
    first = read(**production, SECRET_KEY_FILE="key")["SECRET_KEY"]
    assert len(first) >= 50
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    # A server with a data folder of its own may share the file.
    elsewhere = {"SECRET_KEY_FILE": str(tmp_path / "key"), "CHAT_DATA_DIR": str(tmp_path / "other")}
    assert read(**production, **elsewhere)["SECRET_KEY"] == first
    (tmp_path / "key").write_text("given by hand\n")
    assert read(**production, SECRET_KEY_FILE="key")["SECRET_KEY"] == "given by hand"


def test_development_answers_to_the_names_of_this_machine_alone(read: Read) -> None:
    assert set(read()["ALLOWED_HOSTS"]) == {"localhost", ".localhost", "127.0.0.1", "[::1]"}


def test_development_makes_a_secret_once_and_keeps_it_from_others(read: Read, tmp_path: Path) -> None:
    first, second = (read()["SECRET_KEY"] for _ in range(2))
    assert first == second
    assert len(first) >= 50
    kept = tmp_path / "secret_key"
    assert kept.read_text() == first
    assert kept.stat().st_mode & 0o077 == 0


def test_https_makes_the_cookies_secure(read: Read) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    assert [read(CHAT_HTTPS="True")[name] for name in names] == [True, True]
    assert [read()[name] for name in names] == [False, False]
    assert read()["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_no_thread_waits_for_ever_for_a_database_that_vanished(read: Read) -> None:
    url = "postgres://chat:secret@db/chat?sslmode=require&connect_timeout=2"
    options = read(DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"], options["tcp_user_timeout"]) == ("require", 2, 20_000)
