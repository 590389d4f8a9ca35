"""The JavaScript client (clients/js): its types are current, its package is whole, and its docs run."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from chatserver.events.javascript import client_types
from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.service import Service

CLIENT = PROJECT / "clients/js"
SOURCES = sorted(path.name for path in (CLIENT / "src").iterdir())
# A program in TypeScript that uses what the types promise.
USER = """
import { ChatClient, ChatError, type ChatEvent, type Message } from "chatserver-client";
const chat = new ChatClient({ url: "http://127.0.0.1:1", token: async () => null });
chat.on("event", (event: ChatEvent) => {
  if (event.type === "message.created") { const text: string = event.data.message; console.log(text, event.position); }
  // @ts-expect-error: typing has no position
  if (event.type === "typing.started") console.log(event.position);
});
// @ts-expect-error: there is no such event
chat.on("evnt", () => {});
const messages: Message[] = chat.openTimeline(3).messages;
console.log(messages.length, chat.store.roomList()[0]?.last_message?.message);
chat.connect().catch((error: ChatError) => { console.log(error.status); chat.close(); });
"""


def test_the_types_are_those_of_the_catalogue() -> None:
    is_current = (CLIENT / "src/schema.js").read_text() == client_types()
    assert is_current, "clients/js is behind the catalogue: run `manage.py describe_events`"


def test_the_page_and_others_can_load_it_from_the_server(granian: Service) -> None:
    for name in SOURCES:
        answer = httpx.get(f"{granian.url}/static/chats/client/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["access-control-allow-origin"] == "*"


def run(*command: str | Path, folder: Path, **env: str) -> str:
    """What a command prints. AssertionError where it fails."""
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, env={**path, **env}, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tsc(*arguments: str, folder: Path) -> None:
    compiler = CLIENT / "node_modules/typescript/bin/tsc"
    assert compiler.exists(), "make test-clients installs the npm packages"
    run(program("node", package="nodejs"), compiler, *arguments, folder=folder)


@pytest.mark.clients
def test_its_own_tests_pass_without_an_install(tmp_path: Path) -> None:
    copy = tmp_path / "js"
    shutil.copytree(CLIENT, copy, ignore=shutil.ignore_patterns("node_modules"))
    run(program("npm", package="npm"), "test", folder=copy)


@pytest.mark.clients
def test_tsc_finds_nothing_and_the_declarations_are_current(tmp_path: Path) -> None:
    tsc("--project", str(CLIENT), "--outDir", str(tmp_path), folder=CLIENT)
    made, kept = ({path.name: path.read_text() for path in folder.iterdir()} for folder in (tmp_path, CLIENT / "types"))
    assert made == kept, "the declarations are old: run `npm run types` in clients/js"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of somebody's in which the packed client is installed."""
    (packed,) = json.loads(run(program("npm", package="npm"), "pack", "--json", CLIENT, folder=tmp_path))
    declarations = {f"types/{name.removesuffix('.js')}.d.ts" for name in SOURCES}
    assert {file["path"] for file in packed["files"]} == {
        *("LICENSE", "README.md", "package.json"),
        *(f"src/{name}" for name in SOURCES),
        *declarations,
    }
    package = tmp_path / "node_modules/chatserver-client"
    package.mkdir(parents=True)
    run("tar", "-xzf", packed["filename"], "--strip-components", "1", "-C", package, folder=tmp_path)
    (tmp_path / "package.json").write_text('{"type":"module"}')
    return tmp_path


@pytest.mark.clients
def test_the_package_has_what_it_needs_and_types_for_its_users(installed: Path) -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    assert "dependencies" not in package
    assert (CLIENT / "LICENSE").read_text() == (PROJECT / "LICENSE").read_text()
    (installed / "user.ts").write_text(USER)
    tsc("--strict", "--module", "nodenext", "--target", "es2022", "user.ts", folder=installed)
    assert run(program("node", package="nodejs"), "user.js", folder=installed) == "0 undefined\n401\n"


@pytest.mark.clients
def test_the_blocks_of_the_docs_run_in_their_order(granian: Service, installed: Path) -> None:
    anna = granian.people()[0]
    blocks = [block.text for block in blocks_of(PROJECT / "docs/javascript.md") if block.kind == "js"]
    assert len(blocks) == 5
    (installed / "page.js").write_text("\n".join(blocks))
    printed = run(program("node", package="nodejs"), "page.js", folder=installed, CHAT=granian.url, TOKEN=anna.token)
    for shown in (f"I am {anna.name}", f"1 {anna.name} Hello", "sent as 1", "404 not_found"):
        assert shown in printed
