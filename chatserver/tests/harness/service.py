"""A running ChatServer: real server processes on a database of their own."""

import json
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg2

from chatserver.tests.harness import contract
from chatserver.tests.harness.accounts import Account, read_accounts
from chatserver.tests.harness.processes import PROJECT, manage
from chatserver.tests.harness.refusals import check_refusal
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for

MORE_PEOPLE = 100
SIGNED_IN = "UPDATE users_token SET created_at = now() WHERE user_id = ANY(%s)"


def check_answer(answer: httpx.Response) -> None:
    """Hold refusals against OpenAPI, and the events of GET /api/v1/events/ against the catalogue."""
    asked = answer.request
    if answer.status_code >= 400:
        check_refusal(asked.method, asked.url.path, answer.status_code, answer.read())
    if (asked.method, asked.url.path.rstrip("/"), answer.status_code) == ("GET", "/api/v1/events", 200):
        contract.check_page(json.loads(answer.read()))


class Client(httpx.Client):
    """One person's HTTP client. A person's own rights, none of the test's."""

    def __init__(self, service: "Service", name: str, user_id: int, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        hooks = {"response": [check_answer]}
        super().__init__(base_url=service.url, headers=headers, timeout=30, event_hooks=hooks)
        self.service = service
        self.name = name
        self.id = user_id
        self.token = token

    @property
    def account(self) -> "Account":
        return Account(self.name, self.id, self.token)

    def send_text(self, text: str, room_id: int = 0, **extra: Any) -> dict[str, Any]:
        answer = self.post("/api/v1/chats/", json={"room_id": room_id, "message": text, **extra})
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def make_room(self, *members: "Client", kind: str = "closed") -> int:
        body = {"name": "a room", "kind": kind, "members": [member.id for member in members]}
        answer = self.post("/api/v1/rooms/", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def listen(
        self, last_event_id: str | None = None, service: "Service | None" = None, path: str = "/api/v1/stream"
    ) -> Stream:
        """Open a stream and wait for its hello."""
        url = f"{(service or self.service).url}{path}"
        stream = Stream(url, {"Authorization": f"Bearer {self.token}"}, last_event_id)
        assert stream.status == 200, stream.body
        if path == "/api/v1/stream":
            stream.wait("hello")
        else:
            wait_for(lambda: stream.last_event_id is not None)
        return stream


def _serves(child: psutil.Process) -> bool:
    """Whether it is a worker that has not ended. multiprocessing's resource tracker is a child of a server, too."""
    try:
        return child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in str(child.cmdline())
    except psutil.NoSuchProcess:
        return False


class Service:
    """One server (a parent and its workers, or daphne). `accounts` are people whom nobody else uses there.

    It runs in `project`, which may be a copy; `prefix` is a program that starts it, `options` are those of `serve`.
    """

    def __init__(
        self,
        env: dict[str, str],
        accounts: list[Account],
        log: Path,
        *,
        kind: str = "granian",
        workers: int = 1,
        project: Path = PROJECT,
        prefix: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
    ) -> None:
        self.env = env
        self.accounts = accounts
        self.log = log
        self.kind = kind
        self.workers = workers
        self.project = project
        self.prefix = prefix
        self.options = options
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: list[Client] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        return {
            "granian": [
                *("manage.py", "serve", "--port", str(self.port), "--workers", str(self.workers)),
                *self.options,
            ],
            "daphne": ["-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), "chatserver.asgi:application"],
        }[self.kind]

    def start(self, seconds: float = 60) -> "Service":
        """Start on the port of the last time, or on a free one; wait until it is ready, for so long."""
        with self.log.open("ab") as output:
            begin = output.tell()
            env = {**self.env, "LOG_LEVEL": "INFO"}
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, *self.command],
                cwd=self.project,
                env=env,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.port = wait_for(lambda: self._listening(begin), 60, f"a port in {self.log}")
        wait_for(self.is_ready, seconds, f"readiness; see {self.log}")
        return self

    def _listening(self, begin: int) -> int | None:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        text = self.log.read_bytes()[begin:].decode()
        found = re.search(r"Listening on (?:http://127\.0\.0\.1:|TCP address 127\.0\.0\.1:)(\d+)", text)
        return int(found[1]) if found else None

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def worker_pids(self) -> list[int]:
        """The processes that serve."""
        assert self.process is not None
        if self.kind == "daphne":
            return [self.process.pid]
        return [child.pid for child in psutil.Process(self.process.pid).children() if _serves(child)]

    def kill(self) -> None:
        """kill -9 of everything, as a crash would."""
        assert self.process is not None
        for process in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
            process.kill()
        self.process.wait()

    def terminate(self) -> None:
        """SIGTERM, as an orchestrator would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def client(self, account: Account) -> Client:
        client = Client(self, account.name, account.user_id, account.token)
        self._clients.append(client)
        return client

    def people(self, count: int = 1) -> list[Client]:
        """People whom no other test has, not even of another worker process of this service. They just signed in."""
        while len(self.accounts) < count:
            self._make_accounts()
        found = [self.client(self.accounts.pop()) for _ in range(count)]
        self.sql(SIGNED_IN, [person.id for person in found])
        return found

    def _make_accounts(self) -> None:
        """A shared service meets as many tests as xdist gives its process: a fixed number is too few one day."""
        with tempfile.TemporaryDirectory() as folder:
            tokens = Path(folder) / "tokens"
            manage(self.env, "seed", "--users", str(MORE_PEOPLE), "--tokens", str(tokens))
            self.accounts += read_accounts(tokens)

    def waits_for_lock(self, table: str) -> bool:
        """Whether a query that names this table waits for a lock. Other tests have databases of the same server."""
        waiting = "datname = current_database() AND wait_event_type = 'Lock'"
        return bool(self.sql(f"SELECT 1 FROM pg_stat_activity WHERE {waiting} AND query ~ %s", table))

    def sql(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What the database itself says."""
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, arguments)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()
