"""What others can reach runs in production mode or not at all, and lets nobody in by name unless that is set."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from chatserver.http.client_address import is_loopback
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Service
from chatserver.tests.test_env_example import EXAMPLE, parsed

DEVELOPMENT = {"DEBUG": "True", "SECRET_KEY": "", "ALLOWED_HOSTS": ""}
ADAM = {"username": "Adam"}


def manage(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=60)


def own_address() -> str | None:
    """An IPv4 address of this machine that others may reach; None where it has none."""
    found = [one.address for card in psutil.net_if_addrs().values() for one in card if one.family == socket.AF_INET]
    return next((address for address in found if not is_loopback(address)), None)


@pytest.mark.parametrize(
    ("host", "options"),
    [("0.0.0.0", ("--demo",)), ("0", ()), ("::", ()), (own_address() or "192.0.2.7", ())],  # noqa: S104 - it is refused
)
def test_serve_in_development_refuses_what_others_can_reach(
    databases: Databases, host: str, options: tuple[str, ...]
) -> None:
    env = databases.env_of("nobody_opens_it", **DEVELOPMENT)
    refused = manage(env, "serve", "--port", "0", "--host", host, *options)
    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert f"--host {host}" in sentence
    assert "set DEBUG=False, SECRET_KEY and ALLOWED_HOSTS" in sentence


def test_what_is_missing_in_production_is_one_sentence(databases: Databases) -> None:
    env = databases.env_of("nobody_opens_it", SECRET_KEY="")
    refused = manage(env, "serve", "--host", "0.0.0.0")  # noqa: S104 - it is refused
    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert "SECRET_KEY is not set" in sentence


@pytest.mark.parametrize(
    "command", [("-m", "daphne", "-p", "0", "chatserver.asgi:application"), ("-c", "import chatserver.asgi")]
)
def test_other_servers_do_not_start_unsafe_production(databases: Databases, command: tuple[str, ...]) -> None:
    env = databases.env_of("nobody_opens_it", ALLOWED_HOSTS="*")
    refused = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=env, capture_output=True, text=True, timeout=60
    )
    assert refused.returncode != 0
    assert "ALLOWED_HOSTS=chat.example.com" in refused.stderr


@pytest.fixture(scope="module", params=["granian", "daphne"])
def development(request: pytest.FixtureRequest, start_shared_service: Callable[..., Service]) -> Service:
    """A server in development, where passwordless login is on."""
    return start_shared_service(kind=request.param, **DEVELOPMENT, CHAT_PASSWORDLESS_LOGIN="True")


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/session/", "/api/v1/stream", "/stream", "/static/x.js"])
def test_development_refuses_what_a_proxy_forwards_from_elsewhere(development: Service, path: str) -> None:
    for forwarded in ("192.0.2.7", "127.0.0.1, 192.0.2.7", "nonsense"):
        answer = httpx.get(f"{development.url}{path}", headers={"X-Forwarded-For": forwarded})
        assert (answer.status_code, answer.json()["code"]) == (403, "debug_is_local")


def test_development_answers_its_own_machine(development: Service) -> None:
    assert httpx.post(f"{development.url}/login", json=ADAM).status_code == 200
    local = httpx.post(f"{development.url}/login", json=ADAM, headers={"X-Forwarded-For": "127.0.0.1"})
    assert local.status_code == 200
    rebound = httpx.post(f"{development.url}/login", json=ADAM, headers={"Host": "evil.example"})
    assert rebound.status_code == 400


@pytest.mark.skipif(own_address() is None, reason="this machine has no address but loopback")
def test_daphne_in_development_refuses_peers_from_elsewhere(databases: Databases, tmp_path: Path) -> None:
    name, _ = databases.copy()
    env = databases.env_of(name, **DEVELOPMENT)
    with socket.socket() as free:
        free.bind(("0.0.0.0", 0))  # noqa: S104 - for a moment
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "daphne", "-b", "0.0.0.0", "-p", str(port), "chatserver.asgi:application"]  # noqa: S104 - that is the test
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, cwd=PROJECT, env=env, stderr=log) as daphne:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
                assert client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
                refused = client.get(f"http://{own_address()}:{port}/healthz")
                assert (refused.status_code, refused.json()["code"]) == (403, "debug_is_local")
        finally:
            daphne.kill()


@pytest.fixture
def start_demo(databases: Databases, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """`serve --demo`."""
    started: list[Service] = []

    def start(**env: str) -> Service:
        name, accounts = databases.copy()
        log = tmp_path / f"log{len(started)}"
        demo = Service(databases.env_of(name, **env), accounts, log, options=("--demo",))
        started.append(demo)
        demo.start()
        return demo

    yield start
    for demo in started:
        demo.stop()


@pytest.mark.parametrize(
    ("env", "status"),
    [
        (DEVELOPMENT, 200),
        ({**DEVELOPMENT, "CHAT_PASSWORDLESS_LOGIN": "False"}, 401),
        # A demo in production mode may be behind a proxy.
        ({}, 401),
        ({"CHAT_PASSWORDLESS_LOGIN": "True"}, 200),
    ],
)
def test_the_demo_lets_adam_in_on_this_machine_alone(
    start_demo: Callable[..., Service], env: dict[str, str], status: int
) -> None:
    demo = start_demo(**env)
    assert httpx.post(f"{demo.url}/login", json=ADAM).status_code == status


def test_without_the_demo_development_needs_passwords(start_service: Callable[..., Service]) -> None:
    service = start_service(**DEVELOPMENT)
    assert httpx.post(f"{service.url}/login", json=ADAM).status_code == 401


def test_the_example_as_compose_starts_it_lets_adam_in_by_name(databases: Databases, tmp_path: Path) -> None:
    """The image's and the example's variables, what compose adds, and no other."""
    name, accounts = databases.copy()
    ours = databases.env_of(name)
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    engines = {key: ours[key] for key in ("DATABASE_URL", "REDIS_URL", "REDIS_PREFIX")}
    example = parsed(EXAMPLE)
    env = {**kept, **engines, "DEBUG": "False", **example, "CHAT_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    checked = manage(env, "check")
    assert checked.returncode == 0, checked.stderr
    warned = manage(env, "check", "--deploy")
    assert {f"chatserver.W00{number}" for number in (2, 3, 5)} <= {*warned.stderr.replace(")", "(").split("(")}
    service = Service(env, accounts, tmp_path / "log", options=("--host", "0.0.0.0"))  # noqa: S104 - as in the image
    try:
        service.start()
        login = httpx.request("GET", f"http://localhost:{service.port}/login", content=b'{"username": "Adam"}')
        assert (login.status_code, login.json()["username"]) == (200, "Adam")
    finally:
        service.stop()
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
