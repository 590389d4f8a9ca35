"""The receivers of docs/webhooks.md take what ChatServer signs, and refuse what it does not."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.waiting import wait_for
from chatserver.webhooks.signatures import secret_of, signed_headers

BODY = b'{"position":812,"type":"message.created","room_id":3,"actor_id":1,"at":"2026-11-22T13:33:24Z","data":{"id":1}}'


def block_of(kind: str) -> str:
    (found,) = (block for block in blocks_of(PROJECT / "docs/webhooks.md") if block.kind == kind)
    return found.text


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def python_command(folder: Path) -> list[str]:
    return [sys.executable, "-c", block_of("python")]


def node_command(folder: Path) -> list[str]:
    file = folder / "receiver.mjs"
    file.write_text(block_of("js"))
    return [program("node", package="nodejs"), str(file)]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(python_command, id="python"),
        pytest.param(node_command, id="node", marks=pytest.mark.clients),
    ],
)
def test_a_receiver_takes_what_is_signed_and_refuses_the_rest(
    command: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    port = free_port()
    env = {**os.environ, "SECRET": secret_of("salt"), "PORT": str(port)}
    with subprocess.Popen(command(tmp_path), env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as receiver:
        try:
            wait_for(lambda: listens(port))
            now = int(time.time())

            def post(salts: list[str], seconds: int = now, body: bytes = BODY) -> int:
                headers = signed_headers("evt_812_5", seconds, BODY, salts)
                return httpx.post(f"http://127.0.0.1:{port}/", content=body, headers=headers).status_code

            assert post(["salt"]) == 204
            assert post(["another", "salt"]) == 204
            assert post(["another"]) == 400
            assert post(["salt"], now - 3600) == 400
            assert post(["salt"], body=BODY.replace(b"812", b"813")) == 400
            assert httpx.post(f"http://127.0.0.1:{port}/", content=BODY).status_code == 400
        finally:
            receiver.kill()
