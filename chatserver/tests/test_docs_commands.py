"""The commands of docs/api.md do what the page says. So far: those about sessions."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from chatserver.tests.harness.service import PROJECT, Service

PERSON = {"username": "dana", "password": "a long pass phrase"}


def section(heading: str) -> str:
    page = (PROJECT / "docs/api.md").read_text()
    return re.split(r"(?m)^#+ ", page.split(f"\n### {heading}\n")[1])[0]


def block(text: str, kind: str) -> str:
    return re.findall(rf"(?s)```{kind}\n(.*?)```", text)[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_sessions(granian: Service, tmp_path: Path) -> None:
    registered = httpx.post(f"{granian.url}/api/v1/users/", json=PERSON)
    assert registered.status_code in {201, 409}  # another worker of the tests may have done it
    text = section("Sessions")
    # One JSON answer a line.
    commands = re.sub(r"(?m)^curl ", "curl -sS -w '\\\\n' ", block(text, "sh"))
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=tmp_path, env={"URL": granian.url, "PATH": "/usr/bin:/bin"}, capture_output=True
    )
    assert done.stderr == b""
    nobody, signed_in, *rest = done.stdout.decode().splitlines()
    shown_nobody, shown = block(text, "json").splitlines()
    assert json.loads(nobody) == json.loads(shown_nobody)
    assert list(json.loads(signed_in)) == re.findall(r'"(user|credential|expires_at)"', shown)
    assert json.loads(signed_in)["user"]["username"] == "dana"
    assert "".join(rest) == ""
