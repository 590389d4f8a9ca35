"""The package as it is published."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import chatserver_client

CLIENT = Path(__file__).parent.parent


def test_the_sync_client_is_what_the_async_one_says() -> None:
    assert subprocess.run([sys.executable, CLIENT / "make_sync.py", "--check"]).returncode == 0


def test_a_wheel_has_the_whole_package(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    source = tmp_path / "source"
    subprocess.run(["cp", "-r", str(CLIENT), str(source)], check=True)
    subprocess.run([*build, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert f"-{chatserver_client.__version__}-" in wheel.name
    assert "chatserver_client/py.typed" in names
    assert {"chatserver_client/_sync/client.py", "chatserver_client/_async/client.py"} <= set(names)
    assert not [name for name in names if re.search(r"tests|make_sync", name)]
