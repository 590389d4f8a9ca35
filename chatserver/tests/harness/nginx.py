"""A real nginx, with the configurations that the docs show."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.waiting import wait_for

# nginx's own user may not enter pytest's folders; all else is so that it writes nowhere but there.
FRAME = """
{user}
daemon off;
pid {folder}/pid;
events {{ worker_connections 512; }}
http {{
    log_format who '$status $request_uri $http_authorization';
    access_log {folder}/access.log who;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {shown}
}}
"""


def shown_config(page: str, mark: str) -> str:
    """The configuration in a page of the docs that contains this text."""
    blocks = re.findall(r"(?s)```nginx\n(.*?)```", (PROJECT / page).read_text())
    (found,) = [block for block in blocks if mark in block]
    return found


class Nginx:
    """A running nginx. `port` is where it listens, `url` its address."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "access.log"

    def answered(self, status: int, token: str) -> bool:
        """Whether a request with this bearer token has got this status."""
        return any(
            line.startswith(f"{status} ") and line.endswith(f" Bearer {token}")
            for line in self._log.read_text().splitlines()
        )


def free_port() -> int:
    """A port that nobody listens on now: nginx takes no 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_nginx(shown: str, folder: Path) -> Iterator[Nginx]:
    """nginx with servers that listen on {port}; ended afterwards."""
    port = free_port()
    user = "user root;" if os.getuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(FRAME.format(user=user, folder=folder, shown=shown.replace("{port}", str(port))))
    errors = folder / "error.log"
    process = subprocess.Popen([program("nginx", package="nginx"), "-e", str(errors), "-c", str(config)])
    try:
        wait_for(lambda: process.poll() is not None or _accepts(port), what="nginx")
        assert process.poll() is None, errors.read_text()
        yield Nginx(port, folder)
    finally:
        process.terminate()
        process.wait(10)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def host_of_its_own(upstream_port: int) -> str:
    """The configuration of "Behind nginx", over plain HTTP: its certificate is not here."""
    shown = shown_config("docs/operations.md", "upstream chatserver")
    shown = re.sub(r"(?m)^\s*ssl_certificate.*\n", "", shown)
    return shown.replace("listen 443 ssl;", "listen 127.0.0.1:{port};").replace(
        "server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream_port};"
    )
