"""A data folder that can't be used is one sentence, and a run as root locks nobody out of theirs."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chatserver.storage.embedded.account import open_way
from chatserver.tests.harness.processes import PRODUCTION_PACKAGES, PROJECT, environment
from chatserver.tests.harness.waiting import wait_for
from chatserver.tests.test_env_example import read_in_settings

# Whom root runs this as. Others can't become somebody else.
SOMEBODY = "nobody"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run it as somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may reach, for somebody's project."""
    path = Path(tempfile.mkdtemp(dir="/tmp"))  # noqa: S108 - pytest's folders are for one user alone
    path.chmod(0o755)
    yield path
    wait_for(lambda: not list(path.rglob("postmaster.pid")), 30, "the end of the engines")
    shutil.rmtree(path)


def become(user: str) -> list[str]:
    """The start of a command that runs as somebody, who may read everything: Python itself may be in root's home."""
    account = pwd.getpwnam(user)
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *reading]


def run(data: Path, *arguments: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
    """A command in development, on the embedded engines of this data folder."""
    kept = {name: value for name, value in os.environ.items() if name not in read_in_settings()}
    env = {**kept, "CHAT_DATA_DIR": str(data), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": PRODUCTION_PACKAGES}
    command = [*(become(user) if user else ()), sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=100)


def owners(data: Path) -> set[str]:
    found = set()
    for path in (data, *data.rglob("*")):
        with suppress(FileNotFoundError):  # the engines end by themselves, and take files along
            found.add(path.owner())
    return found


@as_root
def test_the_engines_of_two_owners_pass_through_one_folder(folder: Path) -> None:
    """Each keeps the passage that the other gets, and neither may list the folder."""
    below = folder / "private" / "below"
    below.mkdir(parents=True)
    below.parent.chmod(0o700)
    owners = ("nobody", "daemon", "nobody")
    for name in owners:
        open_way(below, pwd.getpwnam(name))
    for name in owners:
        account = pwd.getpwnam(name)
        as_owner = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        assert subprocess.run([*as_owner, "test", "-d", str(below)]).returncode == 0
        assert subprocess.run([*as_owner, "test", "-r", str(below.parent)]).returncode == 1
    stranger = ["setpriv", "--reuid=65000", "--regid=65000", "--clear-groups", "test", "-d", str(below)]
    assert subprocess.run(stranger).returncode == 1


@as_root
def test_what_root_makes_belongs_to_the_owner_of_the_folder_who_goes_on_with_it(folder: Path) -> None:
    shutil.chown(folder, SOMEBODY)
    data = folder / "var"
    made = run(data, "migrate", "--verbosity", "0")
    assert made.returncode == 0, made.stderr
    assert owners(data) == {SOMEBODY}
    shown = run(data, "showmigrations", "--plan", user=SOMEBODY)
    assert (shown.returncode, "[ ]" in shown.stdout) == (0, False), shown.stderr
    again = run(data, "migrate", "--check")
    assert again.returncode == 0, again.stderr
    assert owners(data) == {SOMEBODY}


@as_root
@pytest.mark.parametrize("name", ["postgres", "valkey", "run", "logs", "engines.start.lock", "logs/keeper.log"])
def test_root_follows_no_link_that_the_owner_of_the_folder_made(folder: Path, tmp_path: Path, name: str) -> None:
    data, is_file = folder / "var", "." in name
    target = tmp_path / "of_root"
    if is_file:
        target.write_text("of root")
    else:
        target.mkdir(mode=0o755)
    for made in (data, (data / name).parent):
        made.mkdir(exist_ok=True)
        shutil.chown(made, SOMEBODY)
    (data / name).symlink_to(target)
    os.chown(data / name, pwd.getpwnam(SOMEBODY).pw_uid, -1, follow_symlinks=False)
    refused = run(data, "migrate")
    assert refused.returncode == 1
    assert (target.owner(), oct(target.stat().st_mode & 0o777)) == ("root", "0o644" if is_file else "0o755")
    assert not is_file or target.read_text() == "of root"


@as_root
@pytest.mark.parametrize("has_key", [True, False])
def test_a_folder_of_somebody_else_is_a_sentence(folder: Path, has_key: bool) -> None:
    data = folder / "var"
    data.mkdir()
    if has_key:
        (data / "secret_key").touch(0o600)
    refused = run(data, "migrate", user=SOMEBODY)
    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert "belongs to root, and this runs as nobody" in sentence
    assert f"sudo chown -R nobody {data}" in sentence


def test_a_file_in_its_place_is_a_sentence_too(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    refused = run(file / "var", "check")
    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert sentence.endswith("CHAT_DATA_DIR must be a folder that can be written to")


def test_in_production_too(tmp_path: Path) -> None:
    """There, only the metrics of running processes are kept in it."""
    file = tmp_path / "file"
    file.touch()
    env = environment("postgres://chat@127.0.0.1:1/chat", "redis://127.0.0.1:1", file)
    command = [sys.executable, "manage.py", "serve", "--port", "0"]
    refused = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr.strip().endswith("CHAT_DATA_DIR must be a folder that can be written to")
    assert "Traceback" not in refused.stderr
