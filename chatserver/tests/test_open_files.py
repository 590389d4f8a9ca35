"""A server process that may open few files holds as many streams as it can, refuses the others, and says so."""

import asyncio
import json
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chatserver.server.open_files import max_connections, max_streams
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.swarm import open_all, swarm, until
from users.presence import MAX_STREAMS_PER_USER

ASK = (
    "import os, resource; os.environ['DJANGO_SETTINGS_MODULE'] = 'chatserver.settings'; "
    "from chatserver.server.open_files import allow_open_files as allow; "
    "print(allow(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
)
FEW = 1024
CLIENTS = 1_100
SECONDS = 30.0
IDLE_SECONDS = 2.0


@pytest.mark.parametrize(
    ("soft", "hard", "answer"),
    [(1024, 5000, "4128 4128"), (1024, 2000, "2000 2000"), (5000, 5000, "4128 5000")],
)
def test_the_limit_is_raised_as_far_as_it_goes(soft: int, hard: int, answer: str) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    env = {"CHAT_MAX_STREAMS": "2000"}
    ask = subprocess.run(
        [sys.executable, "-c", ASK],
        preexec_fn=limit,  # noqa: PLW1509 - one thread
        cwd=PROJECT,
        env=env,
        capture_output=True,
        check=True,
    )
    assert ask.stdout.decode().strip() == answer


@pytest.mark.parametrize("files", [64, 256, 1024, 4096, 1_000_000])
def test_streams_leave_room_for_requests_and_those_for_the_process_itself(files: int) -> None:
    assert 0 < max_streams(files) < max_connections(files) < files


@pytest.fixture
def service(databases: Databases, tmp_path: Path) -> Iterator[Service]:
    name, accounts = databases.copy()
    limited = ("bash", "-c", f'ulimit -n {FEW} && exec "$@"', "-")
    started = Service(databases.env_of(name), accounts, tmp_path / "log", prefix=limited)
    yield started.start()
    started.stop()


def test_more_streams_than_files_are_refused_and_the_others_go_on(service: Service) -> None:
    capped = [line for line in service.log.read_text().splitlines() if "few_open_files" in line]
    assert len(capped) == 1
    told = json.loads(capped[0])
    assert (told["files"], told["streams"]) == (FEW, max_streams(FEW))
    sender, *others = service.people(1 + CLIENTS // MAX_STREAMS_PER_USER)

    async def crowd() -> None:
        async with swarm([person.account for person in others] * MAX_STREAMS_PER_USER) as listeners:
            await open_all(listeners, service.url)
            await until(lambda: all(x.hellos or x.refusals for x in listeners), SECONDS, "an answer for each")
            opened = [listener for listener in listeners if listener.hellos]
            assert len(opened) == max_streams(FEW)
            assert all(b" 503 " in x.refusals[0] for x in listeners if not x.hellos)
            refused = await asyncio.to_thread(sender.get, "/api/v1/stream")
            assert (refused.status_code, refused.json()["code"]) == (503, "too_many_streams")
            assert int(refused.headers["Retry-After"]) > 0
            assert refused.headers["Connection"] == "close"
            await asyncio.to_thread(sender.send_text, "for all that are there")
            await until(lambda: all(x.positions for x in opened), SECONDS, "the message in each stream")
            # It does not compute while nothing happens, though more clients wait than it can take.
            held = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(FEW)]
            (worker,) = (psutil.Process(pid) for pid in service.worker_pids())
            before = sum(worker.cpu_times()[:2])
            await asyncio.sleep(IDLE_SECONDS)
            assert sum(worker.cpu_times()[:2]) - before < IDLE_SECONDS / 2
            for one in held:
                one.close()
            assert (await asyncio.to_thread(sender.get, "/healthz")).status_code == 200

    run(crowd())
