"""The embedded engines, with real processes that come, go and are killed."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from chatserver.storage.embedded.paths import MAX_SOCKET_FOLDER, Paths
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.waiting import wait_for

HOLD = (
    "import sys; from pathlib import Path; from chatserver.storage.embedded import ensure_running; "
    "ensure_running(Path(sys.argv[1])); print('holds', flush=True); sys.stdin.read()"
)

Hold = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Start a process that holds a lease on the engines of a data folder, until its input ends."""
    started: list[subprocess.Popen[str]] = []

    def start(data: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLD, str(data)]
        process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n", logs_of(data)
        return process

    yield start
    for process in started:
        release(process)


def logs_of(data: Path) -> str:
    """What the engines said, for a failure's message."""
    return "\n".join(f"{path.name}: {path.read_text()[-2000:]}" for path in (data / "logs").glob("*"))


def release(process: subprocess.Popen[str]) -> None:
    """Let a process go, and close what leads to it."""
    with contextlib.suppress(BrokenPipeError):
        process.communicate()
    process.wait()


def pids_of(data: Path) -> list[int]:
    """The keeper and the engines of a data folder."""
    # Valkey's title tells its socket alone, and that stands elsewhere when the data folder is deep.
    folders = (str(data), str(Paths(data).sockets))
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        ours = any(folder in line for folder in folders)
        if ours and ("postgres -D" in line or "valkey-server" in line or "embedded.keeper" in line):
            found.append(process.info["pid"])
    return found


def query(data: Path, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(host=str(Paths(data).sockets), user="postgres", dbname="chatserver")
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def ping(data: Path) -> bool:
    with redis.Redis.from_url(Paths(data).redis_url) as client:
        return bool(client.ping())


def test_they_run_while_anybody_needs_them_and_stop_with_the_last(tmp_path: Path, hold: Hold) -> None:
    first, second = hold(tmp_path / "data"), hold(tmp_path / "data")
    assert query(tmp_path / "data", "SHOW fsync") == [("on",)]
    assert ping(tmp_path / "data")
    keeper_and_engines = pids_of(tmp_path / "data")
    assert len(keeper_and_engines) == 3
    release(first)
    assert query(tmp_path / "data", "SELECT 1") == [(1,)]
    assert pids_of(tmp_path / "data") == keeper_and_engines
    release(second)
    wait_for(lambda: not pids_of(tmp_path / "data"), what="the end of the engines")


def test_they_stop_though_the_last_user_was_killed(tmp_path: Path, hold: Hold) -> None:
    holder = hold(tmp_path / "data")
    holder.kill()
    wait_for(lambda: not pids_of(tmp_path / "data"), what="the end of the engines")


def test_after_a_crash_of_everything_they_start_with_their_data(tmp_path: Path, hold: Hold) -> None:
    holder = hold(tmp_path / "data")
    query(tmp_path / "data", "CREATE TABLE kept AS SELECT 42 AS answer")
    for pid in [holder.pid, *pids_of(tmp_path / "data")]:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
    wait_for(lambda: not pids_of(tmp_path / "data"))
    assert (tmp_path / "data" / "postgres" / "postmaster.pid").exists()
    hold(tmp_path / "data")
    assert query(tmp_path / "data", "SELECT answer FROM kept") == [(42,)]
    assert ping(tmp_path / "data")


def test_a_pid_file_that_names_an_innocent_process_does_no_harm(tmp_path: Path, hold: Hold) -> None:
    release(hold(tmp_path / "data"))
    wait_for(lambda: not pids_of(tmp_path / "data"))
    innocent = subprocess.Popen(["sleep", "60"])
    for name in ("postgres/postmaster.pid", "valkey/valkey.pid"):
        (tmp_path / "data" / name).write_text(f"{innocent.pid}\n")
    hold(tmp_path / "data")
    assert query(tmp_path / "data", "SELECT 1") == [(1,)]
    assert innocent.poll() is None
    innocent.kill()
    innocent.wait()


def test_a_keeper_that_died_is_replaced_and_takes_over(tmp_path: Path, hold: Hold) -> None:
    hold(tmp_path / "data")
    query(tmp_path / "data", "CREATE TABLE kept AS SELECT 42 AS answer")
    for pid in pids_of(tmp_path / "data"):
        if "embedded.keeper" in " ".join(psutil.Process(pid).cmdline()):
            psutil.Process(pid).kill()
    second = hold(tmp_path / "data")
    assert query(tmp_path / "data", "SELECT answer FROM kept") == [(42,)]
    assert len(pids_of(tmp_path / "data")) == 3
    release(second)


def test_an_engine_that_died_is_started_again(tmp_path: Path, hold: Hold) -> None:
    hold(tmp_path / "data")
    for pid in pids_of(tmp_path / "data"):
        if "embedded.keeper" not in " ".join(psutil.Process(pid).cmdline()):
            psutil.Process(pid).kill()

    def both_answer() -> bool:
        try:
            return query(tmp_path / "data", "SELECT 1") == [(1,)] and ping(tmp_path / "data")
        except (psycopg2.OperationalError, redis.RedisError):
            return False

    wait_for(both_answer, 60, "both engines")


def test_an_initdb_that_was_interrupted_is_made_anew(tmp_path: Path, hold: Hold) -> None:
    (tmp_path / "data" / "postgres" / "fresh" / "base").mkdir(parents=True)
    hold(tmp_path / "data")
    assert query(tmp_path / "data", "SELECT 1") == [(1,)]


def test_two_copies_run_beside_each_other(tmp_path: Path, hold: Hold) -> None:
    hold(tmp_path / "one")
    hold(tmp_path / "two")
    query(tmp_path / "one", "CREATE TABLE only_here AS SELECT 1")
    assert query(tmp_path / "two", "SELECT to_regclass('only_here')") == [(None,)]


def test_a_deep_folder_has_its_sockets_elsewhere(tmp_path: Path, hold: Hold) -> None:
    deep = tmp_path / ("deep" * 20) / "data"
    assert len(str(deep)) > MAX_SOCKET_FOLDER
    hold(deep)
    assert not Paths(deep).sockets.is_relative_to(deep)
    assert query(deep, "SELECT 1") == [(1,)]
    assert ping(deep)


def test_nobody_else_reaches_the_sockets(tmp_path: Path, hold: Hold) -> None:
    hold(tmp_path / "data")
    assert Paths(tmp_path / "data").sockets.stat().st_mode & 0o077 == 0
