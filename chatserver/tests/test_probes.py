"""/healthz, /readyz and /metrics."""

from typing import Any

import pytest
import redis
from django.db import OperationalError, connection
from django.test import Client

from chatserver.http import probes
from chatserver.server.runtime import Runtime

PATHS = ["/healthz", "/healthz/", "/readyz", "/readyz/", "/metrics", "/metrics/"]


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_a_process_that_answers_is_alive(client: Client, path: str) -> None:
    """Without a database: the fixture `db` is not here, so a query would fail."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/readyz", "/readyz/"])
def test_with_both_engines_it_is_ready(db: Any, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "ok", "redis": "ok", "starting": False, "draining": False}
    assert "Retry-After" not in answer


def test_it_looks_at_the_migrations_once(db: Any, client: Client, django_assert_num_queries: Any) -> None:
    client.get("/readyz")
    with django_assert_num_queries(1):
        client.get("/readyz")


def test_without_redis_it_is_ready_all_the_same(db: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr(probes, "redis_client", away)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["redis"].startswith("warning: away")


def assert_not_ready(client: Client, **told: Any) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.json().items() >= {"status": "not ready", **told}.items()
    assert client.get("/healthz").status_code == 200


def test_without_postgresql_it_is_not(db: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise OperationalError("the password is secret")

    client.get("/readyz")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "close", lambda: None)  # the test's own transaction lives in it
        patch.setattr(connection, "cursor", away)
        assert_not_ready(client, database="away: OperationalError")


def test_until_streams_may_open_it_is_not(db: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("is_starting", "is_draining"):  # which a runtime sets
        monkeypatch.setattr(probes, name, getattr(probes, name))
    runtime = Runtime(max_streams=1)
    assert_not_ready(client, starting=True)
    runtime.started.set()
    assert client.get("/readyz").status_code == 200


def test_while_it_drains_it_is_not(db: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "is_draining", lambda: True)
    assert_not_ready(client, draining=True)


def test_while_migrations_are_missing_it_is_not(db: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_is_up_to_date", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'users'")
    assert_not_ready(client, database="migrations missing")


def test_while_a_function_is_not_that_of_its_file_it_is_not(
    db: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "_is_up_to_date", False)
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON FUNCTION events_sequence IS 'sha256:of the release before'")
    assert_not_ready(client, database="functions missing")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_they_are_only_for_reading(db: Any, browser_client: Client, path: str, method: str) -> None:
    assert getattr(browser_client, method)(path).status_code == 405
    assert browser_client.head(path).status_code == 200


class TestMetrics:
    @pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
    def test_the_same_machine_may_scrape(self, db: Any, client: Client, address: str) -> None:
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 200

    @pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "", "nonsense"])
    def test_nobody_else_may(self, client: Client, address: str) -> None:
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 403

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
    def test_nor_may_a_proxy_on_the_same_machine_for_them(self, client: Client, header: str) -> None:
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403

    def test_with_a_token_only_who_has_it(self, db: Any, client: Client, settings: Any) -> None:
        settings.CHAT_METRICS_TOKEN = "let-me-sée"
        for given in (None, "", "Bearer", "Bearer wrong", "let-me-sée", "Bearer let-me-s\xff"):
            headers = {} if given is None else {"Authorization": given}
            assert client.get("/metrics", headers=headers).status_code == 403
        answer = client.get("/metrics", headers={"Authorization": "Bearer let-me-sée"}, REMOTE_ADDR="192.0.2.1")
        assert answer.status_code == 200
