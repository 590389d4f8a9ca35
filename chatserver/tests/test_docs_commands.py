"""The commands of docs/api.md do what the page says. So far: those about sessions, and about the list of tokens."""

import json
import os
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


# Continuous integration has to have it.
needs_curl = pytest.mark.skipif(shutil.which("curl") is None and "CI" not in os.environ, reason="no curl here")


def register(service: Service) -> None:
    registered = httpx.post(f"{service.url}/api/v1/users/", json=PERSON)
    assert registered.status_code in {201, 409}  # another worker of the tests may have done it


def run(commands: str, folder: Path, **env: str) -> list[str]:
    """The answers of the commands, a line each."""
    commands = re.sub(r"(?m)^curl ", "curl -sS -w '\\\\n' ", commands)
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=folder, env={"PATH": "/usr/bin:/bin", **env}, capture_output=True
    )
    assert done.stderr == b""
    return done.stdout.decode().splitlines()


@needs_curl
def test_list_and_revoke(granian: Service, tmp_path: Path) -> None:
    register(granian)
    tokens = f"{granian.url}/api/v1/tokens/"
    mine, other = (httpx.post(tokens, json=PERSON).json()["token"] for _ in range(2))
    ids = {
        token: next(
            one["id"]
            for one in httpx.get(tokens, headers={"Authorization": f"Bearer {token}"}).json()["results"]
            if one["is_current"]
        )
        for token in (mine, other)
    }
    text = section("List and revoke")
    commands = block(text, "sh").replace("/tokens/6/", f"/tokens/{ids[other]}/")
    listed, ended = run(commands, tmp_path, URL=granian.url, TOKEN=mine)
    names = re.findall(r'"(\w+)":', block(text, "json").splitlines()[0].split("{", 2)[2].split("}")[0])
    found = {one["id"]: one for one in json.loads(listed)["results"]}
    assert list(found[ids[other]]) == names
    assert (found[ids[mine]]["is_current"], found[ids[other]]["is_current"]) == (True, False)
    assert ended == ""
    assert httpx.get(tokens, headers={"Authorization": f"Bearer {other}"}).status_code == 401
    assert httpx.get(tokens, headers={"Authorization": f"Bearer {mine}"}).status_code == 200


@needs_curl
def test_sessions(granian: Service, tmp_path: Path) -> None:
    register(granian)
    text = section("Sessions")
    nobody, signed_in, *rest = run(block(text, "sh"), tmp_path, URL=granian.url)
    shown_nobody, shown = block(text, "json").splitlines()
    assert json.loads(nobody) == json.loads(shown_nobody)
    assert list(json.loads(signed_in)) == re.findall(r'"(user|credential|expires_at)"', shown)
    assert json.loads(signed_in)["user"]["username"] == "dana"
    assert "".join(rest) == ""
