"""Modules of the page that need no page, in Node."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from chats.emoji import canonical_emoji
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


def test_the_server_takes_every_emoji_of_the_picker() -> None:
    groups = json.loads((CHATS / "static/chats/emoji/groups.json").read_text())
    found = [named.partition(" ")[0] for _, _, items in groups for named in items.split("|")]
    assert len(found) > 1800
    assert [emoji for emoji in found if canonical_emoji(emoji) != emoji] == []
