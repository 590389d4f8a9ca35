"""What can be said of the container files without a container engine."""

import configparser
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatserver.config.environment import database_config
from chatserver.config.redis_url import read_redis_url
from chatserver.server.granian import DRAIN_SECONDS
from chatserver.tests.harness.programs import program
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
    for name in OURS:
        environment = compose["services"][name]["environment"]
        account = f"{postgres['POSTGRES_USER']}@postgres:5432/{postgres['POSTGRES_DB']}"
        assert environment["DATABASE_URL"] == f"postgres://{account}?passfile=/secrets/pgpass"
        assert environment["REDIS_URL"].startswith("redis://redis:")


def test_the_password_of_the_database_is_generated_and_for_its_users_alone(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    services = compose["services"]
    assert not re.search(r"PASSWORD: |://\w+:\w+@", (PROJECT / "docker-compose.yml").read_text())
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/secrets/password"
    assert services["secrets"]["entrypoint"] == ["sh", "-ec"]
    (script,) = services["secrets"]["command"]
    script = re.sub("(?m)^chown .*$", "", script.replace("$$", "$").replace("/secrets", str(tmp_path)))

    def run() -> dict[str, str]:
        subprocess.run(["sh", "-ec", script], check=True)
        return {path.name: path.read_text() for path in tmp_path.iterdir()}

    made = run()
    password = made["password"]
    assert re.fullmatch("[0-9a-f]{64}", password)
    assert made == {
        "password": password,
        "pgpass": f"*:*:*:chat:{password}\n",
        "userlist.txt": f'"chat" "{password}"\n',
    }
    assert run() == made
    # libpq ignores a file that others may read.
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    options = database_config(services["web"]["environment"]["DATABASE_URL"])
    assert (options["PASSWORD"] or "", options["OPTIONS"]["passfile"]) == ("", "/secrets/pgpass")


def test_every_image_has_an_exact_version(compose: dict[str, Any]) -> None:
    images = {service["image"] for service in compose["services"].values()} - {"chatserver"}
    images |= set(re.findall(r"(?m)^FROM (\S+)", (PROJECT / "Dockerfile").read_text()))
    assert [image for image in images if not re.search(r":v?\d+\.\d+|@sha256:", image)] == []


def test_only_this_machine_reaches_what_is_published(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert compose["networks"] == {"engines": {"internal": True}}
    for name in ("postgres", "redis", "pgbouncer", "redis-replica", "sentinel"):
        assert compose["services"][name]["networks"] == ["engines"]


def test_the_image_is_in_production_mode() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    assert re.search(r"(?m)^ENV .*\bDEBUG=False$", dockerfile)
    assert "SECRET_KEY" not in dockerfile


def test_the_scaled_servers_go_through_pgbouncer_and_the_sentinels(compose: dict[str, Any]) -> None:
    services = compose["services"]
    scaled = {name for name, service in services.items() if "scale" in service.get("profiles", ())}
    assert scaled == {"nginx", "server", "pgbouncer", "redis-replica", "sentinel"}
    environment = services["server"]["environment"]
    assert set(environment) <= set(shown_in_example())
    bouncer, postgres = services["pgbouncer"]["environment"], services["postgres"]["environment"]
    assert (bouncer["DB_USER"], bouncer["AUTH_FILE"]) == (postgres["POSTGRES_USER"], "/secrets/userlist.txt")
    account = f"{bouncer['DB_USER']}@pgbouncer:5432/{postgres['POSTGRES_DB']}"
    assert environment["DATABASE_URL"] == f"postgres://{account}?passfile=/secrets/pgpass"
    assert environment["SECRET_KEY_FILE"] == services["web"]["environment"]["SECRET_KEY_FILE"]
    assert bouncer["POOL_MODE"] == "transaction"
    address = read_redis_url(environment["REDIS_URL"])
    assert (address.kind, address.nodes) == ("sentinel", (("sentinel", 26379),))
    assert f"sentinel monitor {address.master} redis 6379 2" in services["sentinel"]["command"][-1]
    # The servers' metrics folders are named for process ids, which the containers have in common.
    assert environment["CHAT_DATA_DIR"] != services["web"]["environment"]["CHAT_DATA_DIR"]
    assert services["nginx"]["volumes"] == ["./deploy/scale-nginx.conf:/etc/nginx/nginx.conf:ro"]
    assert "server server:8000 " in (PROJECT / "deploy/scale-nginx.conf").read_text()


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
    mounts = {mount.split(":")[0] for service in compose["services"].values() for mount in service.get("volumes", ())}
    used = {mount for mount in mounts if not mount.startswith("./")}
    assert used == set(compose["volumes"])


def test_a_container_has_time_to_drain(compose: dict[str, Any]) -> None:
    assert int(compose["services"]["web"]["stop_grace_period"].rstrip("s")) > DRAIN_SECONDS + 5


def test_the_image_takes_every_package_of_the_project() -> None:
    wheel = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    packages = [pattern.rstrip("*") for pattern in wheel["include"]]
    kept = re.findall(r"(?m)^!(\S+)$", (PROJECT / ".dockerignore").read_text())
    # The page's client is a link to clients/js/src.
    assert {*packages, "clients/js/src", "manage.py", "requirements.txt"} == set(kept)


def test_the_published_port_is_the_one_that_the_image_serves(compose: dict[str, Any]) -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    (published,) = compose["services"]["web"]["ports"]
    port = published.rpartition(":")[2]
    assert f"EXPOSE {port}\n" in dockerfile
    assert f'"--port", "{port}"' in dockerfile
    assert f"127.0.0.1:{port}/healthz" in dockerfile


UNIT = PROJECT / "deploy/chatserver.service"


def test_the_unit_gives_the_server_time_to_drain(compose: dict[str, Any]) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(UNIT.read_text())
    # Only the parent gets the signal: it tells its workers.
    assert unit["Service"]["KillMode"] == "mixed"
    assert f"{unit['Service']['TimeoutStopSec']}s" == compose["services"]["web"]["stop_grace_period"]
    assert "manage.py serve" in unit["Service"]["ExecStart"]
    assert unit["Service"]["ExecReload"] == "/bin/kill -HUP $MAINPID"
    # What it writes is where it may write.
    data = unit["Service"]["Environment"].removeprefix("CHAT_DATA_DIR=")
    assert data == f"/var/lib/{unit['Service']['StateDirectory']}"


@pytest.mark.clients
def test_systemd_reads_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    """On a system that has what it names: the installed Python and an account."""
    text = UNIT.read_text().replace("/srv/chatserver/.venv/bin/python", "/bin/true")
    text = text.replace("WorkingDirectory=/srv/chatserver", "WorkingDirectory=/").replace(
        "User=chatserver", "User=daemon"
    )
    unit = tmp_path / UNIT.name
    unit.write_text(text)
    analyze = program("systemd-analyze", package="systemd")
    verified = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True)
    assert [line for line in verified.stderr.splitlines() if UNIT.name in line] == []
    # In tenths: below 3.0 of 10.
    judged = [analyze, "security", "--offline=true", "--threshold=30", str(unit)]
    exposure = subprocess.run(judged, capture_output=True, text=True)
    assert exposure.returncode == 0, exposure.stdout[-300:]
