"""What all tests share: alice, bob and charlie, and services that really run."""

import functools
import ssl
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser
from rest_framework.test import APIClient

from chatserver.storage.redis_client import redis_client
from chatserver.tests.harness import contract
from chatserver.tests.harness.browser import open_browser
from chatserver.tests.harness.checks import CheckedClient, checked_emissions
from chatserver.tests.harness.databases import Databases, PrivateEngines, filled_engines
from chatserver.tests.harness.leftovers import ProcessWatch
from chatserver.tests.harness.service import Service
from users import activity, presence
from users.actions.people import create_user
from users.credentials.identity import Identity
from users.models import User, password_credential


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with Chromium need a program of the system: `make test-clients` runs them, `make test` does not.

    Tests that share something which their module starts are for one process of xdist, which starts it once.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("clients")
        if shares_with_its_module(item) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups that xdist does not see would have modules start what they share in each process."""
    grouped = [item.nodeid for item in session.items if item.get_closest_marker("xdist_group")]
    if getattr(session.config.option, "loadgroup", False) and not all("@" in nodeid for nodeid in grouped):
        raise pytest.UsageError("this pytest-xdist does not see xdist_group with this pytest")


def shares_with_its_module(item: pytest.Item) -> bool:
    fixtures = [found[-1] for found in item._fixtureinfo.name2fixturedefs.values()]
    return any(fixture.scope == "module" for fixture in fixtures)


WATCH = pytest.StashKey[ProcessWatch]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """The processes of xdist's workers are descendants of the one that controls them, which watches all."""
    if not hasattr(session.config, "workerinput"):
        # This process may hold the lease on the tests' own engines until it ends.
        watch = session.config.stash[WATCH] = ProcessWatch(exempt=(f"embedded.keeper {settings.DATA_DIR}",))
        watch.start()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """When all else has ended, no process that the tests started may be left."""
    yield
    if (watch := session.config.stash.get(WATCH, None)) is None:
        return
    for process, command in watch.leftovers().items():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line(f"LEFT RUNNING: {process.pid} {command}", red=True)
        process.kill()


@pytest.fixture(scope="session", autouse=True)
def authorities_are_read_once() -> Iterator[None]:
    """Each client of httpx would read the certificates of all authorities: 30 ms of processor time, for plain HTTP."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def emitted_events_are_checked() -> Iterator[None]:
    """What actions emit in this process is held against the catalogue."""
    with checked_emissions():
        yield


@pytest.fixture(autouse=True)
def events_keep_the_contract() -> Iterator[None]:
    """Fails the test during which an event was seen that the catalogue does not describe."""
    yield
    found, contract.violations[:] = contract.violations[:3], []
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture
def alice(db: Any) -> User:
    return create_user("alice", email="alice@example.com", password="correct horse battery")


@pytest.fixture
def bob(db: Any) -> User:
    return create_user("bob", email="bob@example.com", password="correct horse battery")


@pytest.fixture
def charlie(db: Any) -> User:
    """Exists to be refused."""
    return create_user("charlie", email="charlie@example.com", password="correct horse battery")


@pytest.fixture
def api_of() -> Callable[[User | None], APIClient]:
    """An API client that is authenticated as this user (None: as nobody)."""

    def make(user: User | None) -> APIClient:
        client = CheckedClient()
        if user is not None:
            client.force_authenticate(user, Identity(user, password_credential(user.pk), None))
        return client

    return make


@pytest.fixture
def own_presence(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The presence of this test's people alone."""
    key = f"test:{uuid.uuid4().hex}"
    monkeypatch.setattr(presence, "KEY", key)
    monkeypatch.setattr(activity, "ACTIVITY_KEY", f"{key}:activity")
    yield
    redis_client().delete(key, activity.ACTIVITY_KEY)


@pytest.fixture
def browser_client() -> Client:
    """Django's client with CSRF checks, as a browser would meet them."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.getbasetemp())
    yield made
    made.drop_all()


def starting(databases: Databases, folders: pytest.TempPathFactory) -> Iterator[Callable[..., Service]]:
    """Starts services, and stops them in the end."""
    started: list[Service] = []

    def start(*, kind: str = "granian", workers: int = 1, beside: Service | None = None, **extra: str) -> Service:
        log = folders.mktemp("service") / "log"
        if beside is not None:
            service = Service({**beside.env, **extra}, beside.accounts, log, kind=kind, workers=workers)
        else:
            name, accounts = databases.copy()
            service = Service(databases.env_of(name, **extra), accounts, log, kind=kind, workers=workers)
        started.append(service)
        return service.start()

    yield start
    for service in started:
        service.stop()


@pytest.fixture
def start_service(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Service]]:
    """Start a service on a database of its own, or `beside` another one. Extra keywords are its environment.

    It ends with the test: each holds a dozen connections of the one PostgreSQL.
    """
    yield from starting(databases, tmp_path_factory)


@pytest.fixture(scope="module")
def start_shared_service(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Service]]:
    """The same for a service that the tests of a module share, and that ends with them."""
    yield from starting(databases, tmp_path_factory)


@pytest.fixture(scope="session")
def start_common_service(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Service]]:
    """The same for the few services below, which tests of many modules share."""
    yield from starting(databases, tmp_path_factory)


@pytest.fixture(scope="session", params=["granian", "daphne"])
def service(request: pytest.FixtureRequest, start_common_service: Callable[..., Service]) -> Service:
    """A service that a session's tests share; each takes people of its own. Once on granian and once on daphne."""
    return start_common_service(kind=request.param)


@pytest.fixture(scope="session")
def granian(start_common_service: Callable[..., Service]) -> Service:
    """A shared service on granian, for what does not depend on the server."""
    return start_common_service()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def private_engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngines]:
    filled = filled_engines(tmp_path_factory.getbasetemp())
    engines = PrivateEngines(tmp_path_factory.mktemp("engines"), filled)
    yield engines
    engines.stop()
