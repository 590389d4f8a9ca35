"""`manage.py run_workers` in real processes, one of which is killed in the middle of its work."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.reading import ReadLog
from chatserver.tests.harness.receiver import Handler, Received, Receiver
from chatserver.tests.harness.waiting import wait_for

ADD_ENDPOINT = """
WITH service AS (UPDATE users_user SET is_service = true WHERE id = (SELECT min(id) FROM users_user) RETURNING id)
INSERT INTO webhooks_endpoint (owner_id, url, types, is_enabled, is_ordered, begins_after, disabled_reason, secret_salt,
    previous_salt)
SELECT id, %s, '{test.*}', true, true, 0, '', 'salt', '' FROM service
"""


@pytest.fixture
def read_log(databases: Databases, tmp_path: Path) -> ReadLog:
    return ReadLog(databases.env_of(databases.copy()[0], CHAT_OUTBOUND_PRIVATE="True"), tmp_path)


@pytest.fixture
def start_worker(read_log: ReadLog) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "run_workers"]
        started.append(subprocess.Popen(command, cwd=PROJECT, env=read_log.env, stdout=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_a_killed_worker_has_left_another_delivers_in_order(
    read_log: ReadLog, start_worker: Callable[[], subprocess.Popen[bytes]], receive: Callable[..., Receiver]
) -> None:
    receiver = receive()

    def hang_at_fifty(handler: Handler, received: Received) -> None:
        if received.event["data"] == "50":
            receiver.hang(handler, received)
        handler.answer(204)

    receiver.behave(hang_at_fifty)
    read_log.sql(ADD_ENDPOINT, receiver.url)
    killed = start_worker()
    wait_for(lambda: read_log.sql("SELECT 1 FROM events_reader WHERE name = 'webhooks'"), 60)
    words = [str(number) for number in range(100)]
    read_log.write(*words)
    wait_for(lambda: "50" in [event["data"] for event in receiver.events])
    other = start_worker()
    assert other.stdout.readline() == b"Working\n"
    killed.kill()
    receiver.behave(lambda handler, received: handler.answer(204))
    wait_for(lambda: read_log.sql("SELECT count(*) FROM webhooks_delivery WHERE state = 1") == [(100,)], 20)
    came = [event["data"] for event in receiver.events]
    assert list(dict.fromkeys(came)) == words
    assert read_log.sql("SELECT count(*) FROM webhooks_lane") == [(0,)]
    other.terminate()
    assert other.wait(60) == 0
    assert read_log.sql("SELECT count(*) FROM webhooks_worker") == [(0,)]
