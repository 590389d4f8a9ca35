"""The system checks refuse a production start with unsafe settings."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chatserver.config.checks import check_deployment, check_production


@pytest.fixture
def production(settings: Any) -> Any:
    """Settings that nothing is wrong with."""
    settings.DEBUG = False
    settings.SECRET_KEY = "k" * 50
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    settings.CHAT_PASSWORDLESS_LOGIN = False
    settings.EMBEDDED_ENGINES = False
    return settings


def ids() -> list[str | None]:
    return [message.id for message in check_production()]


def test_safe_settings_pass(production: Any) -> None:
    assert check_production() == check_deployment() == []


@pytest.mark.parametrize("secret", ["short", "k" * 31, "change-me-" + "k" * 50])
def test_a_weak_secret_is_an_error(production: Any, secret: str) -> None:
    production.SECRET_KEY = secret
    assert ids() == ["chatserver.E001"]


@pytest.mark.parametrize("hosts", [[], ["*"], ["chat.example.com", "*"]])
def test_unnamed_hosts_are_an_error(production: Any, hosts: list[str]) -> None:
    production.ALLOWED_HOSTS = hosts
    assert ids() == ["chatserver.E002"]


def test_a_login_without_a_password_is_an_error(production: Any) -> None:
    production.CHAT_PASSWORDLESS_LOGIN = True
    assert ids() == ["chatserver.E003"]


def test_embedded_engines_are_a_warning_of_a_deployment(production: Any) -> None:
    production.EMBEDDED_ENGINES = True
    assert check_production() == []
    assert [message.id for message in check_deployment()] == ["chatserver.W001"]


def test_every_message_says_what_to_do(production: Any) -> None:
    production.SECRET_KEY, production.ALLOWED_HOSTS, production.CHAT_PASSWORDLESS_LOGIN = "x", [], True
    production.EMBEDDED_ENGINES = True
    found = [*check_production(), *check_deployment()]
    assert len(found) == 4
    assert all(message.hint for message in found)


def test_in_development_nothing_is_wrong(production: Any) -> None:
    production.SECRET_KEY, production.ALLOWED_HOSTS, production.CHAT_PASSWORDLESS_LOGIN = "x", ["*"], True
    production.EMBEDDED_ENGINES = production.DEBUG = True
    assert check_production() == check_deployment() == []


def test_an_error_stops_a_command(production: Any) -> None:
    call_command("check")
    production.CHAT_PASSWORDLESS_LOGIN = True
    with pytest.raises(CommandError, match="chatserver.E003"):
        call_command("check")
