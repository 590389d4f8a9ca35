"""Health, readiness and metrics, for load balancers, orchestrators and Prometheus."""

import ipaddress
import os
import platform
import secrets
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from chatserver import __version__
from chatserver.http.authorization import authorization_of
from chatserver.http.client_address import ADDRESS_HEADERS
from chatserver.storage.postgres.deadlines import answering_within
from chatserver.storage.redis_client import RedisAway, redis_client
from chatserver.storage.sql_functions import outdated_functions

# The runtime puts its own answers here; a process without streams neither starts nor drains.
is_starting: Callable[[], bool] = lambda: False  # noqa: E731 - a variable with a type
is_draining: Callable[[], bool] = lambda: False  # noqa: E731 - a variable with a type

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
# Load balancers wait for a few seconds.
PROBE_SECONDS = 2.0

_is_up_to_date = False


@csrf_exempt
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


@csrf_exempt
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if requests may be sent here; 503 while PostgreSQL is away or not migrated, or the process starts or drains.

    Under servers without the lifespan protocol, as daphne, the first request starts it.
    """
    checks = {
        "database": _check_database(),
        "redis": _check_redis(),
        "starting": is_starting(),
        "draining": is_draining(),
    }
    is_ready = checks["database"] == "ok" and not checks["starting"] and not checks["draining"]
    response = JsonResponse({"status": "ready" if is_ready else "not ready", **checks}, status=200 if is_ready else 503)
    if not is_ready:
        response["Retry-After"] = "2"
    return response


def _check_database() -> str:
    global _is_up_to_date
    try:
        if not _is_up_to_date:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return "migrations missing"
            if outdated_functions():
                return "functions missing"
            _is_up_to_date = True
        with answering_within(PROBE_SECONDS, connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        connection.close()
        return f"away: {type(error).__name__}"
    return "ok"


def _check_redis() -> str:
    try:
        redis_client().ping()
    except RedisAway as error:
        return f"warning: away ({type(error).__name__})"
    return "ok"


@csrf_exempt
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, of all processes of this server. For the same machine, or by CHAT_METRICS_TOKEN."""
    if not _may_scrape(request):
        return HttpResponse("Send CHAT_METRICS_TOKEN as a bearer token; set it where it is not set.\n", status=403)
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    text = generate_latest(registry) + generate_latest(_State())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


class _State(Collector):
    """What is looked up when it is asked for, by the process that answers."""

    def collect(self) -> Iterator[Metric]:
        build = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily("chat_build", "The version that answers", build)
        for name, engine, check in (("database", "PostgreSQL", _check_database), ("redis", "Redis", _check_redis)):
            yield GaugeMetricFamily(f"chat_{name}_up", f"1 where {engine} answers as /readyz needs it", check() == "ok")


def _may_scrape(request: HttpRequest) -> bool:
    if settings.CHAT_METRICS_TOKEN:
        scheme, token = authorization_of(request) or ("", "")
        return scheme == "bearer" and secrets.compare_digest(token.encode(), settings.CHAT_METRICS_TOKEN.encode())
    if any(f"HTTP_{name.decode().upper().replace('-', '_')}" in request.META for name in ADDRESS_HEADERS):
        return False  # a proxy on this machine forwards from another one
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
