"""Many streams at once, in one event loop: what they hear is kept as positions, and checked."""

import asyncio
import re
import resource
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from chatserver.tests.harness import contract
from chatserver.tests.harness.accounts import Account

# HTTP/1.0, so that the answer comes without chunks.
REQUEST = "GET /api/v1/stream HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{extra}\r\n"
FIELD = re.compile(rb"^(id|event): (.*)$")


class Listener(asyncio.Protocol):
    """One stream of one person, over several connections. `positions` are those of the durable events, as they came."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.positions: list[int] = []
        self.last_id: str | None = None
        self.hellos = 0
        self.byes: list[bytes] = []
        # How many events had been heard when a reset came.
        self.resets: list[int] = []
        self.refusals: list[bytes] = []
        self.is_open = False
        self.transport: asyncio.Transport | None = None
        self._rest = b""
        self._head = True
        self._id: str | None = None
        self._name = ""
        self._data = b""

    async def open(self, url: str, *, receive_buffer: int | None = None) -> None:
        """Connect, and come back with the last id that was seen. A small buffer shows the server who does not read."""
        parts = urlsplit(url)
        extra = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        self._rest, self._head, self._name, self._data, self._id = b"", True, "", b"", self.last_id
        loop = asyncio.get_running_loop()
        connection = socket.socket()
        connection.setblocking(False)
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await loop.sock_connect(connection, (parts.hostname, parts.port))
        await loop.create_connection(lambda: self, sock=connection)
        assert self.transport is not None
        request = REQUEST.format(host=parts.netloc, token=self.account.token, extra=extra)
        self.transport.write(request.encode())

    def cut(self) -> None:
        """Hang up at once; what is on its way is lost, and not counted as heard."""
        self.is_open = False
        if self.transport is not None:
            self.transport.abort()
            self.transport = None

    def check(self, expected: list[int]) -> None:
        """That each of these was heard once and in order, and none left out but where a reset said so."""
        # As truth values: pytest would explain the difference of two long lists for minutes.
        is_in_order = self.positions == sorted(set(self.positions))
        assert is_in_order
        parts = [
            self.positions[start:end]
            for start, end in zip([0, *self.resets], [*self.resets, len(self.positions)], strict=True)
        ]
        for part in parts:
            index = expected.index(part[0]) if part else 0
            is_whole = part == expected[index : index + len(part)]
            assert is_whole
        assert not parts[0] or parts[0][0] == expected[0]
        assert not parts[-1] or parts[-1][-1] == expected[-1]
        assert self.positions or self.resets

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # of TCP, so it can abort
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self.transport = None

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._head:
                self._take_head(line.rstrip(b"\r"))
            else:
                self._take_line(line)

    def _take_head(self, line: bytes) -> None:
        if line.startswith(b"HTTP/") and b" 200 " not in line:
            self.refusals.append(line)
        self._head = line != b""

    def _take_line(self, line: bytes) -> None:
        if line.startswith(b"data: "):
            self._data = line
        elif found := FIELD.match(line):
            if found[1] == b"id":
                self._id = found[2].decode()
            else:
                self._name = found[2].decode()
        elif line == b"":
            self.last_id = self._id
            if self._data:
                self._dispatch()
            self._name, self._data = "", b""

    def _dispatch(self) -> None:
        contract.check_told(self._name, self._data.removeprefix(b"data: ").decode())
        match self._name:
            case "hello":
                self.hellos += 1
            case "bye":
                self.byes.append(self._data)
            case "reset":
                self.resets.append(len(self.positions))
            case "message.created":
                self.positions.append(int(self._id or 0))


@asynccontextmanager
async def swarm(accounts: Iterable[Account]) -> AsyncIterator[list[Listener]]:
    """A listener for each account, hung up at the end."""
    listeners = [Listener(account) for account in accounts]
    allow_files(2 * len(listeners) + 500)
    try:
        yield listeners
    finally:
        for listener in listeners:
            listener.cut()
        await asyncio.sleep(0)  # for the loop to close the sockets


def allow_files(count: int) -> None:
    """Raise this process's limit on open files, and that of the services that it starts from now on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def open_all(listeners: Iterable[Listener], url: str) -> None:
    """All at once."""
    await asyncio.gather(*(listener.open(url) for listener in listeners))


async def until(look: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for the thing itself, with a limit, while the streams go on."""
    try:
        async with asyncio.timeout(seconds):
            while not look():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s for {what}") from None
