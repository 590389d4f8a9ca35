"""What can be said of the container files without a container engine."""

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatserver.config.redis_url import read_redis_url
from chatserver.server.granian import DRAIN_SECONDS
from chatserver.tests.test_env_example import shown_in_example

PROJECT = Path(__file__).resolve().parent.parent.parent
OURS = ("web", "prepare")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


def test_the_services_set_only_variables_that_the_example_explains(compose: dict[str, Any]) -> None:
    for name in OURS:
        assert set(compose["services"][name]["environment"]) <= set(shown_in_example())


def test_the_services_reach_the_engines_by_the_names_they_have(compose: dict[str, Any]) -> None:
    postgres = compose["services"]["postgres"]["environment"]
    account = f"{postgres['POSTGRES_USER']}:{postgres['POSTGRES_PASSWORD']}"
    for name in OURS:
        environment = compose["services"][name]["environment"]
        assert environment["DATABASE_URL"] == f"postgres://{account}@postgres:5432/{postgres['POSTGRES_DB']}"
        assert environment["REDIS_URL"].startswith("redis://redis:")


def test_the_scaled_servers_go_through_pgbouncer_and_the_sentinels(compose: dict[str, Any]) -> None:
    services = compose["services"]
    scaled = {name for name, service in services.items() if "scale" in service.get("profiles", ())}
    assert scaled == {"nginx", "server", "pgbouncer", "redis-replica", "sentinel"}
    environment = services["server"]["environment"]
    assert set(environment) <= set(shown_in_example())
    bouncer, postgres = services["pgbouncer"]["environment"], services["postgres"]["environment"]
    account = f"{bouncer['DB_USER']}:{bouncer['DB_PASSWORD']}"
    assert account == f"{postgres['POSTGRES_USER']}:{postgres['POSTGRES_PASSWORD']}"
    assert environment["DATABASE_URL"] == f"postgres://{account}@pgbouncer:5432/{postgres['POSTGRES_DB']}"
    assert bouncer["POOL_MODE"] == "transaction"
    address = read_redis_url(environment["REDIS_URL"])
    assert (address.kind, address.nodes) == ("sentinel", (("sentinel", 26379),))
    assert f"sentinel monitor {address.master} redis 6379 2" in services["sentinel"]["command"][-1]
    # The servers' metrics folders are named for process ids, which the containers have in common.
    assert environment["CHAT_DATA_DIR"] != services["web"]["environment"]["CHAT_DATA_DIR"]
    assert "server server:8000 " in compose["configs"]["nginx"]["content"]
    (config,) = services["nginx"]["configs"]
    assert config["source"] in compose["configs"]


def test_every_dependency_is_a_service_that_can_reach_the_condition(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, wanted in service.get("depends_on", {}).items():
            assert name in compose["services"]
            is_healthy = wanted["condition"] == "service_healthy"
            # Our own image brings its check along.
            is_checked = "build" in compose["services"][name] or "test" in compose["services"][name].get(
                "healthcheck", {}
            )
            assert not is_healthy or is_checked


def test_every_named_volume_is_declared(compose: dict[str, Any]) -> None:
    used = {mount.split(":")[0] for service in compose["services"].values() for mount in service.get("volumes", ())}
    assert used == set(compose["volumes"])


def test_a_container_has_time_to_drain(compose: dict[str, Any]) -> None:
    assert int(compose["services"]["web"]["stop_grace_period"].rstrip("s")) > DRAIN_SECONDS + 5


def test_the_image_takes_every_package_of_the_project() -> None:
    wheel = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    packages = [pattern.rstrip("*") for pattern in wheel["include"]]
    kept = re.findall(r"(?m)^!(\S+)$", (PROJECT / ".dockerignore").read_text())
    assert {*packages, "manage.py", "requirements.txt"} == set(kept)


def test_the_published_port_is_the_one_that_the_image_serves(compose: dict[str, Any]) -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    (published,) = compose["services"]["web"]["ports"]
    port = published.rpartition(":")[2]
    assert f"EXPOSE {port}\n" in dockerfile
    assert f'"--port", "{port}"' in dockerfile
    assert f"127.0.0.1:{port}/healthz" in dockerfile


def test_the_unit_gives_the_server_time_to_drain(compose: dict[str, Any]) -> None:
    unit = configparser.ConfigParser()
    unit.optionxform = str
    unit.read_string((PROJECT / "deploy/chatserver.service").read_text())
    # Only the parent gets the signal: it tells its workers.
    assert unit["Service"]["KillMode"] == "mixed"
    assert f"{unit['Service']['TimeoutStopSec']}s" == compose["services"]["web"]["stop_grace_period"]
    assert "manage.py serve" in unit["Service"]["ExecStart"]
