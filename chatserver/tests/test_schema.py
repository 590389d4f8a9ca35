"""The OpenAPI schema says what the API does, and the page that shows it works under its policy."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from playwright.sync_api import Browser
from rest_framework.test import APIClient

from chatserver.tests.harness.page import complaints_of
from chatserver.tests.harness.service import Service

METHODS = {"get", "post", "put", "patch", "delete"}
# What is about a kind of credential.
OWN_WAYS = {
    "POST /api/v1/session/": {"basic", "cookie"},
    "DELETE /api/v1/session/": {"cookie"},
    "DELETE /api/v1/tokens/current/": {"bearer"},
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method in METHODS & set(item):
            yield f"{method.upper()} {path}", item[method]


def test_it_is_valid_and_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate")
    assert "/api/v1/stream" in capsys.readouterr().out


def test_it_is_served_to_everybody_even_with_a_stale_token() -> None:
    client = APIClient(HTTP_AUTHORIZATION="Bearer gone")
    for path in ("/api/v1/schema/", "/api/v1/schema"):
        answer = client.get(path, HTTP_ACCEPT="application/json")
        assert answer.status_code == 200
        assert answer.json()["openapi"].startswith("3.")


def test_no_answer_is_a_bare_array(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        for status in ("200", "201"):
            for content in operation["responses"].get(status, {}).get("content", {}).values():
                assert content["schema"].get("type") != "array", name


@pytest.mark.parametrize(
    "path",
    ["/api/v1/rooms/", "/api/v1/rooms/{room_id}/messages/", "/api/v1/rooms/{room_id}/members/"],
)
def test_a_list_is_a_page_with_its_cursors(schema: dict[str, Any], path: str) -> None:
    operation = schema["paths"][path]["get"]
    ref = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert set(schema["components"]["schemas"][ref.rsplit("/", 1)[1]]["properties"]) == {"results", "next", "previous"}
    assert {"before", "after", "limit"} <= {parameter["name"] for parameter in operation["parameters"]}


def test_it_names_the_ways_to_come(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]
    assert {(scheme["type"], scheme.get("scheme", scheme.get("in"))) for scheme in schemes.values()} == {
        ("http", "bearer"),
        ("http", "basic"),
        ("apiKey", "cookie"),
        ("apiKey", "query"),
    }
    everybody = [{}]
    for name, operation in operations(schema):
        ways = [way for way in operation.get("security", everybody) if way]
        if name in {"POST /api/v1/tokens/", "GET /api/v1/schema/events/"}:
            assert ways == [], name
        else:
            usual = {"bearer"} if operation.get("x-only-keys") else {"bearer", "basic", "cookie"}
            expected = OWN_WAYS.get(name, usual)
            assert expected <= {key for way in ways for key in way}, name
    assert {} in schema["paths"]["/api/v1/users/"]["post"]["security"]


def test_it_describes_the_stream_and_its_ticket(schema: dict[str, Any]) -> None:
    stream = schema["paths"]["/api/v1/stream"]["get"]
    assert set(stream["responses"]["200"]["content"]) == {"text/event-stream"}
    named = {parameter["name"] for parameter in stream["parameters"]}
    assert named == {"Last-Event-ID", "last_event_id", "all", "types"}
    assert {"ticket": []} in stream["security"]
    assert "post" in schema["paths"]["/api/v1/tickets/"]


def test_it_names_every_path_that_the_api_has(schema: dict[str, Any]) -> None:
    from chats.urls import router as chats
    from chatserver.audit.urls import router as audit
    from chatserver.webhooks.urls import router as webhooks
    from rooms.urls import router as rooms
    from users.urls import router as users

    urls = [str(url.pattern) for url in chats.urls + rooms.urls + users.urls + audit.urls + webhooks.urls]
    served = {re.sub(r"\(\?P<\w+>[^)]*\)", "{}", url).strip("^$").rstrip("/?") for url in urls}
    told = {re.sub(r"{\w+}", "{}", path).removeprefix("/api/v1/").rstrip("/") for path in schema["paths"]}
    assert told - {"stream", "schema/events"} == served | {"rooms/external/{}"}


def test_the_page_works_in_a_browser_with_nothing_from_elsewhere(granian: Service, chromium: Browser) -> None:
    asked: list[str] = []
    page = chromium.new_page()
    complaints = complaints_of(page)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{granian.url}/api/v1/docs/")
    page.wait_for_selector("#operations-chats-chats_create", timeout=30_000)
    page.wait_for_selector("#operations-stream-stream_retrieve")
    page.close()
    assert complaints == []
    assert {url for url in asked if not url.startswith((granian.url, "data:"))} == set()


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/docs/"])
def test_the_page_has_a_policy_that_allows_no_other_origin(path: str, api_of: Callable[[None], APIClient]) -> None:
    answer = api_of(None).get(path, HTTP_ACCEPT="text/html")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy
