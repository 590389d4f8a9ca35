"""A wheel that is built from this tree has everything that the tree has, and works without the tree."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("chatserver", "users", "rooms", "chats")
LOOK_AROUND = """
import importlib, pkgutil
import django
from django.contrib.staticfiles import finders
from django.template.loader import get_template
django.setup()
for name in %r:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
get_template("chats/index.html")
get_template("admin/confirm_action.html")
print(finders.find("chats/app.js"))
print(finders.find("chats/client/index.js"))
"""


def run(*command: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files in a folder of their own. Built from a copy, since setuptools leaves files in the tree."""
    copy, wheels = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheels")
    for name in (*PACKAGES, "clients/js/src"):
        shutil.copytree(PROJECT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, copy)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(wheels))
    run(sys.executable, "-m", "pip", "wheel", ".", *options, folder=copy)
    (wheel,) = wheels.glob("chatserver-*.whl")
    folder = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_the_wheel_has_every_file_but_the_tests(unpacked: Path) -> None:
    # The page's client is a link to clients/js.
    folders = [found for name in PACKAGES for found in os.walk(PROJECT / name, followlinks=True)]
    files = [Path(folder, name).relative_to(PROJECT) for folder, _, names in folders for name in names]
    wanted = {path for path in files if not {"tests", "__pycache__"} & set(path.parts)}
    found = {path.relative_to(unpacked) for path in unpacked.rglob("*") if path.is_file()}
    assert {path for path in found if not path.parts[0].endswith(".dist-info")} == wanted


def test_every_module_template_and_static_file_of_the_wheel_is_found(unpacked: Path, tmp_path: Path) -> None:
    variables = {
        "PYTHONPATH": str(unpacked),
        "DJANGO_SETTINGS_MODULE": "chatserver.settings",
        "CHAT_DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    found = run(sys.executable, "-c", LOOK_AROUND % (PACKAGES,), folder=tmp_path, **variables)
    static = unpacked / "chats/static/chats"
    assert found.split() == [str(static / "app.js"), str(static / "client/index.js")]
    assert "serve" in run(sys.executable, "-m", "django", "help", folder=tmp_path, **variables)
