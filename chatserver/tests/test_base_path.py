"""CHAT_BASE_PATH: what may be one, and what is below it. test_below_path.py has the same with nginx in front."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.urls import get_resolver

from chatserver.config.base_path import OWN_SEGMENTS, cookie_name, read_base_path
from chatserver.http import probes
from chatserver.legacy_switch import LEGACY_STREAMS


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ""),
        ("/", ""),
        ("chat", "/chat"),
        ("/chat/", "/chat"),
        ("/a/b-c.d_e~1", "/a/b-c.d_e~1"),
        ("/chat/api", "/chat/api"),
    ],
)
def test_a_path_is_read_with_and_without_its_slashes(text: str, path: str) -> None:
    assert read_base_path(text) == path


@pytest.mark.parametrize(
    "text",
    ["https://example.com/chat", "/chat//b", "/../chat", "/./x", "/ch at", "/chät", "/chat?x", "/%2e", "/a;b", "/a\n"],
)
def test_what_is_no_path_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CHAT_BASE_PATH"):
        read_base_path(text)


@pytest.mark.parametrize("text", ["/api", "/rooms/chat", "static"])
def test_a_path_that_begins_as_our_own_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="paths of its own"):
        read_base_path(text)


def test_our_own_paths_are_known() -> None:
    patterns = [pattern.pattern.regex.pattern for pattern in get_resolver().url_patterns]
    first = {found[1] for pattern in patterns if (found := re.match(r"\^?([\w.]+)", pattern.replace("\\.", ".")))}
    streams = {path.strip("/") for path in LEGACY_STREAMS}
    assert first | streams | {path.strip("/") for path in probes.PATHS} | {"static"} <= OWN_SEGMENTS


def test_the_names_of_cookies_differ_by_path() -> None:
    assert cookie_name("sessionid", "") == "sessionid"
    assert cookie_name("sessionid", "/chat/support") == "sessionid_chat_support"


@override_settings(SECURE_SSL_REDIRECT=True, FORCE_SCRIPT_NAME="/chat")
def test_the_redirect_to_https_keeps_the_path() -> None:
    assert Client().get("/admin/?q=1")["Location"] == "https://testserver/chat/admin/?q=1"
