"""A name that is no setting stops the start, and the nearest one is told."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatserver.config.environment import Environment
from chatserver.tests.harness.settings import PRODUCTION, Read
from chatserver.tests.test_env_example import read_in_settings


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("CHAT_MAX_STREAM", "did you mean CHAT_MAX_STREAMS?"),
        ("CHAT_OPEN_REGISTRATIONS", "did you mean CHAT_OPEN_REGISTRATION?"),
        ("CHAT_THROTLE_LOGIN", "did you mean CHAT_THROTTLE_LOGIN?"),
        ("CHAT_QQQ", "docs/settings.md lists them"),
    ],
)
def test_an_unknown_name_is_refused_and_the_nearest_one_told(read: Read, name: str, near: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name} .*{re.escape(near)}$"):
        read(**{name: "1"})


@pytest.mark.parametrize(
    "name",
    [
        "CHAT_SERVICE_HOST",
        "CHAT_SERVICE_PORT_HTTP",
        "CHAT_PORT",
        "CHAT_PORT_8000_TCP_ADDR",
        "CHAT_SERVER_SERVICE_PORT",
        "CHAT_SERVER_PORT_8000_TCP",
        "CHAT_SERVE_PID",
        "CHAT_TEST_DOOR",
        "CHATTER",
    ],
)
def test_names_that_others_give_are_not(read: Read, name: str) -> None:
    read(**{name: "tcp://10.0.0.1:8000"})


def test_in_the_file_a_name_that_is_nearly_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment itself other programs have theirs; and nobody else is called as we are."""
    monkeypatch.setattr(Environment, "ENVIRON", {"DATABSE_URL": "x", "POSTGRES_PASSWORD": "x"})
    env = Environment()
    env.str("DATABASE_URL", default="")
    env.refuse_unknown({"POSTGRES_PASSWORD"})
    with pytest.raises(ImproperlyConfigured, match=r"DATABSE_URL .* did you mean DATABASE_URL\?"):
        env.refuse_unknown({"DATABSE_URL", "POSTGRES_PASSWORD"})


def test_every_setting_is_known_whatever_the_others_are(read: Read) -> None:
    for mode in ({}, PRODUCTION):
        unread = set(read_in_settings()) - read(**mode)["env"]._asked
        assert unread == set()
