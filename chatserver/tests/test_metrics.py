"""What /metrics serves: clean labels from few texts, zeros before the first event, and the state of what it needs."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import redis
from django.db import OperationalError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from prometheus_client.parser import text_string_to_metric_families

from chatserver.http import probes
from chatserver.http.route_labels import route_label
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    """Each series with its value."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def scraped(service: Service) -> Samples:
    return samples(httpx.get(f"{service.url}/metrics").text)


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, tuple(sorted(labels.items()))))


def routes(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        found += [route] if isinstance(pattern, URLPattern) else routes(pattern, route)
    return found


@pytest.fixture(scope="module")
def fresh(start_shared_service: Callable[..., Service]) -> tuple[Service, Samples]:
    """A service, and what its metrics were when nothing had happened."""
    service = start_shared_service(workers=2)
    wait_for(lambda: value(scraped(service), "chat_workers") == 2)
    return service, scraped(service)


def test_a_counter_is_there_at_zero_before_its_first_event(fresh: tuple[Service, Samples]) -> None:
    _, before = fresh
    for name in ("deliveries", "hub_catch_ups", "hub_histories_lost", "log_sequenced", "broadcast_lost"):
        assert value(before, f"chat_{name}_total") == 0, name
    for reason in ("behind", "stuck", "shutdown", "error"):
        assert value(before, "chat_streams_cut_total", reason=reason) == 0
    for reason in ("too_far_behind", "trimmed", "future", "lost", "rejoined"):
        assert value(before, "chat_resets_total", reason=reason) == 0
    for source in ("memory", "log"):
        assert value(before, "chat_resumes_total", source=source) == 0
    for name in ("chat_reader_poisoned_total", "chat_reader_missed_total", "chat_reader_lag_seconds"):
        assert value(before, name, reader="trim") == 0, name
    for code in ("invalid_credentials", "throttled"):
        assert value(before, "chat_failed_sign_ins_total", code=code) == 0
    for status in ("500", "503"):
        assert value(before, "chat_request_errors_total", status=status) == 0
    assert value(before, "chat_streams") == 0
    assert value(before, "chat_log_lag_seconds_count") == 0


def test_it_tells_what_runs_and_whether_it_is_up(fresh: tuple[Service, Samples]) -> None:
    _, before = fresh
    (build,) = [dict(labels) for name, labels in before if name == "chat_build_info"]
    assert set(build) == {"version", "python"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", build["version"])
    assert value(before, "chat_database_up") == value(before, "chat_redis_up") == 1
    threads = {pool: value(before, "chat_pool_threads", pool=pool) for pool in ("rest", "reads", "writes", "sign_ins")}
    assert threads == {"rest": 12, "reads": 2, "writes": 2, "sign_ins": 4}
    assert all(value(before, "chat_pool_requests", pool=pool) == 0 for pool in threads)
    # The request for the metrics itself.
    assert value(before, "chat_pool_requests", pool="probes") == 1


def test_what_is_away_is_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: Any) -> Any:
        raise OperationalError

    def redis_away() -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr(probes, "answering_within", away)
    monkeypatch.setattr(probes, "_is_up_to_date", True)
    monkeypatch.setattr(probes, "redis_client", redis_away)
    found = samples(client.get("/metrics").content.decode())
    assert value(found, "chat_database_up") == value(found, "chat_redis_up") == 0


def test_failed_sign_ins_and_refused_streams_count(fresh: tuple[Service, Samples]) -> None:
    service, _ = fresh
    (alice,) = service.people()
    body = {"username": alice.name, "password": "wrong"}
    assert httpx.post(f"{service.url}/api/v1/tokens/", json=body).status_code == 401
    assert httpx.get(f"{service.url}/api/v1/users/me/", auth=(alice.name, "wrong")).status_code == 401
    assert httpx.get(f"{service.url}/api/v1/stream").status_code == 401
    assert httpx.get(f"{service.url}/stream").status_code == 401
    found = scraped(service)
    assert value(found, "chat_failed_sign_ins_total", code="invalid_credentials") == 2
    for route in ("/api/v1/stream/", "/stream/"):
        assert value(found, "chat_requests_total", method="GET", route=route, status="401") == 1


def test_the_form_of_the_admin_counts_too(fresh: tuple[Service, Samples]) -> None:
    service, _ = fresh
    before = value(scraped(service), "chat_failed_sign_ins_total", code="invalid_credentials") or 0
    with httpx.Client(base_url=service.url) as browser:
        browser.get("/admin/login/")
        form = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert browser.post("/admin/login/", data=form).status_code == 200
    after = value(scraped(service), "chat_failed_sign_ins_total", code="invalid_credentials")
    assert after == before + 1


def test_every_route_has_a_clean_label(settings: Any) -> None:
    labels = {route: route_label(route) for route in routes(get_resolver())}
    assert [found for found in labels.items() if not re.fullmatch(r"(/[a-z_0-9.{}-]+)*/?", found[1])] == []
    assert labels["^api/v1/^rooms/(?P<room_id>[^/.]+)/members/(?P<user_id>[^/.]+)/?$"] == (
        "/api/v1/rooms/{room_id}/members/{user_id}/"
    )
    assert labels["^socket\\.io/?$"] == "/socket.io/"
    assert labels["admin/users/user/<path:object_id>/change/"] == "/admin/users/user/{object_id}/change/"


def test_no_label_has_what_a_client_made_up(fresh: tuple[Service, Samples]) -> None:
    service, _ = fresh
    (alice,) = service.people()
    paths = ["/api/v1/users/4711/", "/4711", "/static/4711", "/room/4711/messages", "/admin/4711/", "/admin/4711/add/"]
    paths += ["/api/4711", "/socket.io/?sid=4711", "/stream?ticket=4711", "/%7b4711%7d", "/api/v1/users/?q=4711"]
    for path in paths:
        for method in ("GET", "POST", "4711"):
            alice.request(method, path)
    found = scraped(service)
    values = {text for _, labels in found for _, text in labels}
    assert {text for text in values if "4711" in text} == set()
    assert {"unknown", "static", "other", "/admin/{url}"} <= values
