"""The schema that is served passes spectral, and clients that others' generators make of it check, and chat."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.service import Service

pytestmark = pytest.mark.clients

HERE = PROJECT / "chatserver/tests/generated_clients"
PASSWORD = "a long pass phrase"


def run(folder: Path, *command: str | Path, **env: str) -> None:
    """Run a command in a folder to its successful end, without a word on warnings."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        command, cwd=folder, env={"PATH": path, **env}, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()


def node(folder: Path, script: str, *arguments: str | Path) -> None:
    """Run a program of Node, of an npm package or one's own."""
    assert (HERE / "node_modules").exists(), "make test-clients installs the npm packages"
    run(folder, program("node", package="nodejs"), script, *arguments)


@pytest.fixture
def folder(granian: Service, tmp_path: Path) -> Path:
    """A folder with the schema as it is served, and the npm packages."""
    for name, media_type in (("schema.json", "application/json"), ("schema.yaml", "application/yaml")):
        served = httpx.get(f"{granian.url}/api/v1/schema/", headers={"Accept": media_type})
        assert served.status_code == 200
        (tmp_path / name).write_bytes(served.content)
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    return tmp_path


def test_spectral_finds_nothing(folder: Path) -> None:
    spectral = "node_modules/@stoplight/spectral-cli/dist/index.js"
    rules = ("--ruleset", PROJECT / ".spectral.yaml", "--fail-severity", "hint")
    node(folder, spectral, "lint", *rules, "schema.json")


def test_a_session_with_openapi_python_client(folder: Path, granian: Service) -> None:
    generate = ("openapi-python-client", "generate", "--path", "schema.yaml", "--fail-on-warning")
    run(folder, *generate, "--meta", "none", "--output-path", "chat_server_client")
    (folder / "session.py").write_bytes((HERE / "session.py").read_bytes())
    run(folder, sys.executable, "-m", "compileall", "-q", "chat_server_client")
    # Of what is generated, the types: its own code is the generator's.
    run(folder, "mypy", "--strict", "--follow-imports", "silent", "session.py")
    run(folder, sys.executable, "session.py", granian.url, "generated-python", PASSWORD)


def test_a_session_with_openapi_typescript_and_openapi_fetch(folder: Path, granian: Service) -> None:
    node(folder, "node_modules/openapi-typescript/bin/cli.js", "schema.yaml", "--output", "schema.d.ts")
    for name in ("session.ts", "tsconfig.json"):
        (folder / name).write_bytes((HERE / name).read_bytes())
    (folder / "package.json").write_text('{"type":"module"}')
    node(folder, "node_modules/typescript/bin/tsc", "--project", "tsconfig.json")
    node(folder, "session.js", granian.url, "generated-typescript", PASSWORD)
