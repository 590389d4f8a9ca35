"""The system checks refuse a production start with unsafe settings."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from chatserver.config.checks import check_deployment, check_production, refuse_unsafe_production
from chatserver.config.jwt_settings import JwtSettings


@pytest.fixture
def production(settings: Any) -> Any:
    """Settings that nothing is wrong with."""
    settings.DEBUG = False
    settings.SECRET_KEY = "k" * 50
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    settings.CHAT_PASSWORDLESS_LOGIN = False
    settings.EMBEDDED_ENGINES = False
    settings.CHAT_OPEN_REGISTRATION = False
    settings.CHAT_BEHIND_HTTPS_PROXY = True
    settings.CHAT_NUM_PROXIES = 1
    settings.CHAT_METRICS_TOKEN = "m" * 40
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


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("EMBEDDED_ENGINES", True, "chatserver.W001"),
        ("CHAT_PASSWORDLESS_LOGIN", True, "chatserver.W002"),
        ("CHAT_OPEN_REGISTRATION", True, "chatserver.W003"),
        ("CHAT_NUM_PROXIES", 0, "chatserver.W004"),
        ("CHAT_METRICS_TOKEN", "", "chatserver.W005"),
        ("CHAT_JWT_KEYS", JwtSettings(jwks_url="https://login.example.com/jwks", issuer="x"), "chatserver.W006"),
    ],
)
def test_what_should_be_deployed_on_purpose_alone_is_a_warning(
    production: Any, name: str, value: Any, check_id: str
) -> None:
    setattr(production, name, value)
    assert check_production() == []
    assert [message.id for message in check_deployment()] == [check_id]


def test_without_a_proxy_none_has_to_be_counted(production: Any) -> None:
    production.CHAT_BEHIND_HTTPS_PROXY, production.CHAT_NUM_PROXIES = False, 0
    assert check_deployment() == []


def make_all_unsafe(production: Any) -> None:
    production.SECRET_KEY, production.ALLOWED_HOSTS, production.CHAT_NUM_PROXIES = "x", ["*"], 0
    production.EMBEDDED_ENGINES = production.CHAT_PASSWORDLESS_LOGIN = production.CHAT_OPEN_REGISTRATION = True
    production.CHAT_METRICS_TOKEN = ""


def test_every_message_says_what_to_do(production: Any) -> None:
    make_all_unsafe(production)
    found = [*check_production(), *check_deployment()]
    assert len(found) == 7
    assert all(message.hint for message in found)


def test_in_development_nothing_is_wrong(production: Any) -> None:
    make_all_unsafe(production)
    production.DEBUG = True
    assert check_production() == check_deployment() == []
    refuse_unsafe_production()


def test_an_error_stops_a_command(production: Any) -> None:
    call_command("check")
    production.ALLOWED_HOSTS = []
    with pytest.raises(CommandError, match="chatserver.E002"):
        call_command("check")


def test_a_server_that_runs_no_checks_does_not_start_either(production: Any) -> None:
    refuse_unsafe_production()
    production.ALLOWED_HOSTS = ["*"]
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS=chat.example.com"):
        refuse_unsafe_production()
