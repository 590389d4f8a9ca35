"""The programs of docs/clients.md, with the libraries that people use, behind the nginx of docs/operations.md."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatserver.tests.harness.nginx import Nginx, host_of_its_own, running_nginx
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

# Clients come back after 2 to 8 s each time, and a server needs some seconds to start.
pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

PACKAGES = PROJECT / "chatserver/tests/clients"
LIBRARIES = ("eventsource", "eventsource-client", "httpx-sse", "sseclient-py")
RETURN_SECONDS = 40.0


def shown_program(library: str) -> tuple[str, str]:
    """The language and the text of the program of a library."""
    page = (PROJECT / "docs/clients.md").read_text()
    (found,) = re.findall(rf"(?s)\n### [^\n]*`{library}`\n.*?```(\w+)\n(.*?)```", page)
    return found


@dataclass
class Reader:
    """One running program, and what it has printed."""

    person: Client
    process: subprocess.Popen[bytes]
    output: Path

    def data(self) -> list[Any]:
        return [json.loads(line) for line in self.output.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def of_type(self, name: str) -> list[Any]:
        return [each for each in self.data() if each["type"] == name]

    def texts(self) -> list[str]:
        return [each["data"]["message"] for each in self.of_type("message.created")]


def start(library: str, person: Client, chat: str, folder: Path, *, longest_silence: int = 40) -> Reader:
    language, text = shown_program(library)
    text, found = re.subn(r"\b40(?=_000|\))", str(longest_silence), text)
    assert found == 1
    if language == "js":
        assert (PACKAGES / "node_modules" / library).exists(), "make test-clients installs the npm packages"
        command = [program("node", package="nodejs"), "--input-type=module", "-e", text]
    else:
        command = [sys.executable, "-c", text]
    output = folder / f"{library}.out"
    with output.open("wb") as file:
        env = {"CHAT": chat, "TOKEN": person.token, "PATH": "/usr/bin:/bin"}
        process = subprocess.Popen(command, cwd=PACKAGES, env=env, stdout=file, stderr=subprocess.DEVNULL)
    return Reader(person, process, output)


@contextmanager
def ended(readers: dict[str, Reader]) -> Iterator[None]:
    """The programs, which are ended afterwards."""
    try:
        yield
    finally:
        for reader in readers.values():
            reader.process.kill()
            reader.process.wait()


@dataclass
class Story:
    """What happened: the texts that were sent, the readers, and what the proxy answered them."""

    texts: list[str]
    readers: dict[str, Reader]
    proxy: Nginx


@pytest.fixture(scope="module")
def story(
    granian: Service, start_shared_service: Callable[..., Service], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """One restart with a drain and one crash, for all libraries at once; then everybody is logged out.

    The other service stays: what is said there meanwhile waits in the log.
    """
    service = start_shared_service(beside=granian)
    folder = tmp_path_factory.mktemp("readers")
    writer, *people = granian.people(1 + len(LIBRARIES))
    room = writer.make_room(*people)
    with running_nginx(host_of_its_own(service.port), tmp_path_factory.mktemp("nginx")) as proxy:
        readers = {
            library: start(library, person, proxy.url, folder)
            for library, person in zip(LIBRARIES, people, strict=True)
        }
        texts: list[str] = []

        def say(text: str) -> None:
            texts.append(f"{text} \N{LINE SEPARATOR} \x85 \N{GRINNING FACE}")
            writer.send_text(texts[-1], room)

        def all_have(count: int, what: Callable[[Reader], Any]) -> None:
            for library, reader in readers.items():
                log = reader.output
                wait_for(lambda reader=reader: len(what(reader)) >= count, RETURN_SECONDS, f"{library}, see {log}")

        with ended(readers):
            all_have(1, lambda reader: reader.of_type("hello"))
            say("before the restart")
            all_have(1, Reader.texts)
            service.terminate()
            all_have(1, lambda reader: reader.of_type("bye"))
            say("during the restart")
            for reader in readers.values():
                wait_for(lambda reader=reader: proxy.answered(502, reader.person.token), RETURN_SECONDS, "a 502")
            service.process.wait(RETURN_SECONDS)
            service.start()
            all_have(2, Reader.texts)
            say("before the crash")
            all_have(3, Reader.texts)
            service.kill()
            say("during the crash")
            service.start()
            say("after the crash")
            all_have(5, Reader.texts)
            for reader in readers.values():
                reader.person.post(f"/api/v1/users/{reader.person.id}/logout/")
            for reader in readers.values():
                reader.process.wait(RETURN_SECONDS)
            yield Story(texts, readers, proxy)


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_message_comes_once_and_in_order_through_a_restart_and_a_crash(story: Story, library: str) -> None:
    reader = story.readers[library]
    assert reader.texts() == story.texts
    positions = [event["position"] for event in reader.of_type("message.created")]
    assert positions == sorted(set(positions))
    assert [hello["resumed"] for hello in reader.of_type("hello")] == [False, True, True]
    assert reader.of_type("reset") == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_it_ends_where_the_answer_is_401(story: Story, library: str) -> None:
    reader = story.readers[library]
    assert [bye["reason"] for bye in reader.of_type("bye")] == ["shutdown", "logged_out"]
    assert story.proxy.answered(401, reader.person.token)
    assert reader.process.returncode == 1


def test_it_does_not_come_back_where_it_was_one_stream_too_many(granian: Service, tmp_path: Path) -> None:
    people = granian.people(len(LIBRARIES))
    readers = {
        library: start(library, person, granian.url, tmp_path)
        for library, person in zip(LIBRARIES, people, strict=True)
    }
    with ended(readers):
        for library, reader in readers.items():
            wait_for(lambda reader=reader: reader.of_type("hello"), RETURN_SECONDS, library)
            streams = [reader.person.listen() for _ in range(10)]
            assert reader.process.wait(RETURN_SECONDS) == 1
            assert [bye["reason"] for bye in reader.of_type("bye")] == ["too_many_streams"]
            assert [stream for stream in streams if stream.is_closed] == []
            for stream in streams:
                stream.close()


def test_it_leaves_a_silent_connection_and_goes_on_where_it_was(granian: Service, tmp_path: Path) -> None:
    """A heartbeat comes each 15 s, so that a program that waits for 2 s meets a silence."""
    people = granian.people(len(LIBRARIES))
    readers = {
        library: start(library, person, granian.url, tmp_path, longest_silence=2)
        for library, person in zip(LIBRARIES, people, strict=True)
    }
    with ended(readers):
        for library, reader in readers.items():
            wait_for(lambda reader=reader: len(reader.of_type("hello")) > 1, RETURN_SECONDS, library)
            assert [hello["resumed"] for hello in reader.of_type("hello")[:2]] == [False, True]
