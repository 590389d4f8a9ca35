"""CHAT_CORS_ORIGINS: which origins it lets in, and what it may not say."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatserver.config.origins import origins_pattern

LISTED = origins_pattern(
    [
        "https://app.example.com",
        " HTTPS://*.Example.org ",
        "http://localhost:3000",
        "https://default.example:443",
        "http://[::1]:9",
    ]
)


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "https://shop.example.org",
        "https://a.b.example.org",
        "http://localhost:3000",
        "https://default.example",
        "http://[::1]:9",
    ],
)
def test_what_is_listed_is_let_in(origin: str) -> None:
    assert LISTED and LISTED.fullmatch(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "*",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com/",
        "https://app.example.com.evil.example",
        "https://evil.example#https://app.example.com",
        "https://appXexample.com",
        "https://sub.app.example.com",
        "https://example.org",
        "https://.example.org",
        "https://evilexample.org",
        "https://evil.example/.example.org",
        "https://evil.example\n.example.org",
        "https://a.example.org\n",
        "http://shop.example.org",
        "http://localhost",
        "https://app.example.com, https://app.example.com",
    ],
)
def test_nothing_else_is(origin: str) -> None:
    assert LISTED and not LISTED.fullmatch(origin)


def test_an_empty_list_lets_nobody_in() -> None:
    assert origins_pattern([]) is None
    assert origins_pattern(["", " "]) is None


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "null",
        "app.example.com",
        "https://",
        "https://*",
        "https://*.",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://app.*.com",
        "https://*app.example.com",
        "https://user@app.example.com",
        "https://app.example.com:",
        "https://app.example.com:port",
        "ftp://app.example.com",
        "https://b\u00fccher.example",
        "https://app.example.com https://b.example.com",
    ],
)
def test_what_is_no_origin_stops_the_start(written: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CHAT_CORS_ORIGINS"):
        origins_pattern([written])
