"""Modules of the page that need no page, in Node."""

import shutil
import subprocess
from pathlib import Path

import pytest

from chatserver.tests.harness.programs import program

CHATS = Path(__file__).parent.parent


@pytest.mark.clients
def test_the_modules_of_the_page_pass_their_tests(tmp_path: Path) -> None:
    # Older Nodes must be told what a module is.
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for folder in ("static/chats", "tests/page"):
        shutil.copytree(CHATS / folder, tmp_path / folder)
    done = subprocess.run(
        [program("node", package="nodejs"), "--test", *sorted((tmp_path / "tests/page").iterdir())],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
