"""`manage.py serve`, started, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from chatserver.http.metrics import prepare_folder
from chatserver.server import ports
from chatserver.server.ports import address_of
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for


def test_a_killed_server_leaves_no_worker_and_no_port_behind(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=2)
    workers = service.worker_pids()
    assert len(workers) == 2
    assert service.process is not None
    service.process.kill()
    service.process.wait()
    wait_for(lambda: not any(is_alive(pid) for pid in workers), what="the end of the workers")
    service.start()
    assert service.is_ready()


def is_alive(pid: int) -> bool:
    """Whether it still runs; one that nobody has reaped yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_starts_a_worker_for_each_core_at_most_and_is_ready_when_all_listen(
    start_service: Callable[..., Service],
) -> None:
    cores = len(os.sched_getaffinity(0))
    service = start_service(workers=cores + 1)
    assert f"Starting {cores} of {cores + 1} workers" in service.log.read_text()
    assert len(service.worker_pids()) == cores
    sockets = [psutil.Process(pid).net_connections("tcp") for pid in service.worker_pids()]
    listening = [any(one.status == psutil.CONN_LISTEN for one in of_worker) for of_worker in sockets]
    assert listening == [True] * cores, sockets


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_its_processes_drains_it(start_service: Callable[..., Service], number: signal.Signals) -> None:
    service = start_service(workers=1)
    person = service.people()[0]
    streams = [person.listen() for _ in range(3)]
    assert service.process is not None
    processes = [service.process.pid, *service.worker_pids()]
    # As from a terminal or an init system; and people press Ctrl-C again.
    for _ in range(2):
        os.killpg(service.process.pid, number)
        if number == signal.SIGTERM:
            for worker in processes[1:]:
                os.kill(worker, number)
    for stream in streams:
        assert stream.wait("bye").data == {"type": "bye", "reason": "shutdown"}
    assert service.process.wait(60) == 0
    assert not any(is_alive(pid) for pid in processes)


def test_a_killed_worker_is_replaced(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=1)
    (worker,) = service.worker_pids()
    assert service.process is not None
    metrics = Path(service.env["CHAT_DATA_DIR"]) / "metrics" / str(service.process.pid)
    assert list(metrics.glob(f"gauge_live*_{worker}.db"))
    psutil.Process(worker).kill()
    wait_for(lambda: not is_alive(worker))
    wait_for(service.is_ready, 30, "a new worker")
    assert list(metrics.glob("gauge_live*.db"))
    assert not list(metrics.glob(f"gauge_live*_{worker}.db"))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104 - nobody listens there
        ("::", "http://[::1]:80"),
        ("fd00::7", "http://[fd00::7]:80"),
        ("chat.example.com", "http://chat.example.com:80"),
    ],
)
def test_the_address_that_is_printed_can_be_opened(host: str, address: str) -> None:
    assert address_of(host, 80) == address


def test_a_name_is_an_address_too() -> None:
    assert ports.resolve("localhost") in {"127.0.0.1", "::1"}
    assert ports.resolve("0.0.0.0") == "0.0.0.0"  # noqa: S104 - nobody listens there
    assert ports.resolve("::1") == "::1"


def test_a_port_that_is_in_use_is_reported(granian: Service) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "manage.py", "serve", "--port", port]
        refused = subprocess.run(command, cwd=PROJECT, env=granian.env, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in refused.stderr


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        (("--workers", "0"), "1 or more"),
        (("--threads", "0"), "1 or more"),
        (("--port", "65536"), "from 0 to 65535"),
        (("--host", "no.such.invalid"), "--host no.such.invalid has no address"),
    ],
)
def test_impossible_options_are_refused(granian: Service, option: tuple[str, str], reason: str) -> None:
    command = [sys.executable, "manage.py", "serve", "--port", "0", *option]
    refused = subprocess.run(command, cwd=PROJECT, env=granian.env, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert reason in refused.stderr


def test_metrics_of_killed_servers_are_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    alive = tmp_path / str(os.getppid())
    for folder in (alive, tmp_path / str(dead.pid)):
        folder.mkdir()
    mine = tmp_path / str(os.getpid())
    prepare_folder(mine)
    assert set(tmp_path.iterdir()) == {alive, mine}


def test_unsafe_production_settings_refuse_the_start(granian: Service) -> None:
    env = {**granian.env, "SECRET_KEY": "short", "ALLOWED_HOSTS": "*"}
    command = [sys.executable, "manage.py", "serve", "--port", "0"]
    refused = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    for check in ("chatserver.E001", "chatserver.E002"):
        assert check in refused.stderr
