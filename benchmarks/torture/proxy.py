"""A TCP proxy that can lose, delay and break off what passes through it."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from random import Random

CHUNK = 16 * 1024
# Small, so that a client that does not read is felt on the other side soon.
BUFFER = 16 * 1024

# A TCP server, or the path of a Unix socket.
Address = tuple[str, int] | str


class Proxy:
    """Listens on a free port of `host`. What it does to the connections is set from outside, at any time."""

    def __init__(self, address: Address, rng: Random) -> None:
        self._address = address
        self._rng = rng
        self._links: set[asyncio.Task[None]] = set()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._is_open = asyncio.Event()
        self._is_open.set()
        self.delay_seconds = 0.0
        # The share of chunks behind which a connection breaks off, in the middle of the chunk.
        self.truncation = 0.0
        self.port = 0

    async def start(self, host: str = "127.0.0.1") -> "Proxy":
        self._server = await asyncio.start_server(self._accept, host, 0, limit=BUFFER, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        self._server.close()
        for task in list(self._links):
            task.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    def cut(self, share: float) -> None:
        """Reset so many of the connections."""
        for pair in [pair for pair in self._pairs if self._rng.random() < share]:
            for writer in pair:
                writer.transport.abort()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing through, in no direction, and tell nobody, until the end of the block."""
        self._is_open.clear()
        try:
            yield
        finally:
            self._is_open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        try:
            await self._is_open.wait()
            with contextlib.suppress(OSError):
                if isinstance(self._address, str):
                    far = await asyncio.open_unix_connection(self._address, limit=BUFFER)
                else:
                    far = await asyncio.open_connection(*self._address, limit=BUFFER)
                await self._join(reader, writer, *far)
        except asyncio.CancelledError:
            pass  # close() did that, and waits for us
        finally:
            writer.transport.abort()
            self._links.discard(task)

    async def _join(
        self,
        near_reader: asyncio.StreamReader,
        near: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far: asyncio.StreamWriter,
    ) -> None:
        for writer in (near, far):
            writer.transport.set_write_buffer_limits(BUFFER)
            sock = writer.get_extra_info("socket")
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = (near, far)
        self._pairs.add(pair)
        pumps = [asyncio.create_task(self._pump(near_reader, far)), asyncio.create_task(self._pump(far_reader, near))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._pairs.discard(pair)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            # What was written last still goes out: this is an end, no break.
            far.close()
            near.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await near.wait_closed()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds * self._rng.random())
                if not self._is_open.is_set():
                    await self._is_open.wait()
                if self.truncation and self._rng.random() < self.truncation:
                    writer.write(data[: self._rng.randrange(len(data))])
                    return
                writer.write(data)
                await writer.drain()
