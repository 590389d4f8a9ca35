"""`kill -HUP`: a server with new code and settings takes the place of the old one, and no client notices a refusal."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from chatserver.server.lifespan import START_SECONDS
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.traffic import traffic
from chatserver.tests.harness.waiting import wait_for
from chatserver.tests.test_serve import is_alive

PACKAGES = ("chatserver", "users", "rooms", "chats")
# The worker that comes second gets no database, and ends after a while.
ONE_IS_WRONG = """
import os, threading
try:
    (DATA_DIR / "first").mkdir()
except FileExistsError:
    DATABASES["default"] |= {"HOST": "127.0.0.1", "PORT": "1"}
    threading.Timer(6, os._exit, (1,)).start()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, whose code and .env a test may change."""
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("tests"))
    shutil.copy(PROJECT / "manage.py", tmp_path)
    return tmp_path


@pytest.fixture
def service(databases: Databases, project: Path) -> Iterator[Service]:
    name, accounts = databases.copy()
    env = databases.env_of(name)
    del env["CHAT_THROTTLE_WRITES"]
    (project / ".env").write_text("CHAT_THROTTLE_WRITES=70000/minute\n")
    started = Service(env, accounts, project / "log", workers=2, project=project)
    yield started.start()
    started.stop()


def hang_up(service: Service, outcome: str) -> None:
    """kill -HUP, and wait until the log says how it went."""
    before = service.log.read_text().count(f'"{outcome}"')
    assert service.process is not None
    os.kill(service.process.pid, signal.SIGHUP)
    wait_for(lambda: service.log.read_text().count(f'"{outcome}"') > before, 60, outcome)


def writes_limit(person: Client) -> str:
    return person.patch("/api/v1/users/me/", json={}).headers["X-RateLimit-Limit"]


def test_new_code_and_settings_take_over_and_nothing_is_refused_lost_or_heard_twice(
    service: Service, project: Path
) -> None:
    poster, *listeners = service.people(4)
    with traffic(poster, listeners) as under_way:
        for limit, body in (("71000", "first"), ("72000", "second")):
            old = service.worker_pids()
            (project / ".env").write_text(f"CHAT_THROTTLE_WRITES={limit}/minute\n")
            probes = project / "chatserver/http/probes.py"
            probes.write_text(re.sub(r'\{"status": "\w+"\}', f'{{"status": "{body}"}}', probes.read_text(), count=1))
            hang_up(service, "reloaded")
            wait_for(lambda old=old: not any(is_alive(pid) for pid in old), 30, "the end of the old workers")
            assert len(service.worker_pids()) == 2
            assert httpx.get(f"{service.url}/healthz").json() == {"status": body}
            with httpx.Client(base_url=service.url, headers=poster.headers) as fresh:
                assert writes_limit(fresh) == limit
    assert under_way.failures == []
    assert len(under_way.sent) > 20
    for heard in under_way.heard:
        assert heard == under_way.sent


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        (".env", "CHAT_THROTTLE_WRITES=often\n", "CHAT_THROTTLE_WRITES is 'often'"),
        ("chats/models/message.py", "this is no Python\n", "SyntaxError"),
    ],
)
def test_what_can_not_be_loaded_changes_nothing(
    service: Service, project: Path, file: str, text: str, sentence: str
) -> None:
    (person,) = service.people()
    old = service.worker_pids()
    stream = person.listen()
    (project / file).write_text(text)
    hang_up(service, "reload_failed")
    assert sentence in service.log.read_text()
    wait_for(lambda: service.worker_pids() == old)
    person.send_text("still here")
    wait_for(lambda: stream.texts() == ["still here"])


def test_workers_that_reach_no_database_take_no_clients(service: Service, project: Path) -> None:
    """Longer than a start waits for the database. Then one of them dies, so that they are given up."""
    (person,) = service.people()
    old = service.worker_pids()
    assert service.process is not None
    with (project / "chatserver/settings.py").open("a") as settings:
        settings.write('DATABASES["default"] |= {"HOST": "127.0.0.1", "PORT": "1"}\n')
    os.kill(service.process.pid, signal.SIGHUP)
    wait_for(lambda: service.log.read_text().count('"database_away"') == 2, 60)
    statuses = set()
    deadline = time.monotonic() + START_SECONDS + 1
    while time.monotonic() < deadline:
        # Over ever new connections, any of the workers may answer.
        answer = httpx.get(f"{service.url}/api/v1/rooms/", headers=person.headers)
        statuses.add(answer.status_code)
    assert statuses == {200}
    os.kill(next(pid for pid in service.worker_pids() if pid not in old), signal.SIGKILL)
    wait_for(lambda: '"reload_failed"' in service.log.read_text(), 30)
    wait_for(lambda: service.worker_pids() == old)
    person.send_text("still here")


def test_where_one_of_the_new_workers_fails_the_clients_of_the_others_notice_nothing(
    service: Service, project: Path
) -> None:
    """As where the database has a connection left for one of them, and not for the other."""
    poster, *listeners = service.people(3)
    old = service.worker_pids()
    with (project / "chatserver/settings.py").open("a") as settings:
        settings.write(ONE_IS_WRONG)
    with traffic(poster, listeners) as under_way:
        hang_up(service, "reload_failed")
        wait_for(lambda: service.worker_pids() == old, 30, "the end of the new workers")
    assert under_way.failures == []
    for heard in under_way.heard:
        assert heard == under_way.sent


def test_all_lines_of_the_log_are_json(service: Service, project: Path) -> None:
    """Also those of granian, and of a worker that dies."""
    (project / ".env").write_text("CHAT_TOKEN_DAYS=none\n")
    hang_up(service, "reload_failed")
    (project / ".env").write_text("")
    os.kill(service.worker_pids()[0], signal.SIGKILL)
    wait_for(lambda: "Unexpected exit from worker" in service.log.read_text())
    wait_for(lambda: len(service.worker_pids()) == 2)
    lines = service.log.read_text().splitlines()
    told = ("Listening on ", "Starting ")
    assert [line for line in lines if not line.startswith(("{", *told))] == []


def test_a_closed_terminal_is_an_end(start_service: Callable[..., Service], tmp_path: Path) -> None:
    service = start_service()
    env, log = {**service.env, "LOG_LEVEL": "INFO"}, tmp_path / "log"
    ours, theirs = pty.openpty()
    # Below nohup, which the tests themselves may run under, it would be none.
    attach = (
        "import fcntl, os, signal, sys, termios; signal.signal(signal.SIGHUP, signal.SIG_DFL); "
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", attach, sys.executable, "manage.py", "serve", "--port", "0"]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=env, stdin=theirs, stdout=output, stderr=output, start_new_session=True
        )
    os.close(theirs)
    try:
        wait_for(lambda: "Listening on" in log.read_text(), 60)
        os.kill(process.pid, signal.SIGHUP)
        wait_for(lambda: '"reloaded"' in log.read_text(), 60)
        os.close(ours)
        assert process.wait(120) == 0
    finally:
        process.kill()
        process.wait()
