"""A connection of HTTP/1.1, for one exchange after the other.

Where it is idle, whatever comes closes it: an answer that nobody asked for must not become that of the next request.
"""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, cast

import h11

from chatserver.storage.outbound.errors import OutboundError, OutboundRefused

# Of an answer, beside what is wanted of its body.
MAX_OVERHEAD_BYTES = 32 * 1024


class OutboundAnswer(NamedTuple):
    """Names of headers are lowercase. `body` are the first bytes of it; `is_cut` where there were more."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


class HttpConnection(asyncio.Protocol):
    """Used in its event loop alone."""

    def __init__(self) -> None:
        self.is_open = True
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_OVERHEAD_BYTES)
        self._transport: asyncio.Transport | None = None
        self._why_broken = "no answer of HTTP, or not a whole one"
        # How many bytes more may come.
        self._allowance = 0
        self._arrival: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if len(data) > self._allowance:
            data = data[: self._allowance]
            self._why_broken = "the head of the answer is too long"
            self.close()
        self._allowance -= len(data)
        self._http.receive_data(data)
        self._wake()

    def eof_received(self) -> None:
        self.connection_lost(None)

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None:
            self._why_broken = f"the connection broke: {error}"
        self.close()
        self._http.receive_data(b"")
        self._wake()

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    async def exchange(
        self, method: str, target: str, *, headers: Mapping[str, str], content: bytes, most_bytes: int
    ) -> OutboundAnswer:
        """Send a request and read its answer, up to so many bytes of the body. OutboundError."""
        http = self._http
        try:
            self._send(h11.Request(method=method, target=target, headers=list(headers.items())), content)
            self._allowance = MAX_OVERHEAD_BYTES + most_bytes
            answer = await self._read_answer(most_bytes)
        except BaseException as error:
            self.close()
            if isinstance(error, h11.LocalProtocolError):
                raise OutboundRefused(f"not a request of HTTP: {error}") from None
            if isinstance(error, h11.RemoteProtocolError):  # its text quotes what came
                raise OutboundError(self._why_broken) from None
            raise
        self._allowance = 0
        if http.our_state is h11.DONE and http.their_state is h11.DONE and not http.trailing_data[0]:
            http.start_next_cycle()
        else:
            self.close()
        return answer

    def _send(self, request: h11.Request, content: bytes) -> None:
        assert self._transport is not None
        pieces = [self._http.send(event) for event in (request, h11.Data(content), h11.EndOfMessage())]
        self._transport.write(b"".join(piece for piece in pieces if piece))

    async def _read_answer(self, most_bytes: int) -> OutboundAnswer:
        head: h11.Response | None = None
        body = b""
        while len(body) <= most_bytes:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._arrival = asyncio.get_running_loop().create_future()
                await self._arrival
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
        assert head is not None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return OutboundAnswer(head.status_code, headers, body[:most_bytes], len(body) > most_bytes)

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
