"""What can be said of the container files without a container engine."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatserver.management.commands import serve
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


def test_every_dependency_is_a_service_that_can_reach_the_condition(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, wanted in service.get("depends_on", {}).items():
            assert name in compose["services"]
            is_healthy = wanted["condition"] == "service_healthy"
            assert not is_healthy or "test" in compose["services"][name]["healthcheck"]


def test_every_named_volume_is_declared(compose: dict[str, Any]) -> None:
    used = {mount.split(":")[0] for service in compose["services"].values() for mount in service.get("volumes", ())}
    assert used == set(compose["volumes"])


def test_a_container_has_time_to_drain(compose: dict[str, Any]) -> None:
    assert int(compose["services"]["web"]["stop_grace_period"].rstrip("s")) > serve.DRAIN_SECONDS + 5


def test_the_image_takes_every_package_of_the_project() -> None:
    packages = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    kept = re.findall(r"(?m)^!(\S+)$", (PROJECT / ".dockerignore").read_text())
    assert {*packages, "manage.py", "requirements.txt"} == set(kept)


def test_the_published_port_is_the_one_that_the_image_serves(compose: dict[str, Any]) -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    (published,) = compose["services"]["web"]["ports"]
    port = published.rpartition(":")[2]
    assert f"EXPOSE {port}\n" in dockerfile
    assert f'"--port", "{port}"' in dockerfile
    assert f"127.0.0.1:{port}/healthz" in dockerfile
