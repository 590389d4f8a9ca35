"""An HTTP server of this process that receives webhooks, and answers or misbehaves as a test says."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


Behaviour = Callable[["Handler", Received], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        with self.server.guard:
            self.server.received.append(received)
        self.server.behave(self, received)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    behave: Behaviour

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.guard = threading.Lock()
        self.received: list[Received] = []
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is no error."""


class Receiver:
    """Answers 204 until told otherwise."""

    def __init__(self, behave: Behaviour | None = None) -> None:
        self.released = threading.Event()
        self._server = Server()
        self.behave(behave or answers(204))
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def behave(self, behave: Behaviour) -> None:
        self._server.behave = behave

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def received(self) -> list[Received]:
        return list(self._server.received)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [received.event for received in self.received]

    @property
    def connections(self) -> int:
        return self._server.connections

    def hang(self, handler: Handler, received: Received) -> None:
        """A behaviour: no answer until the test is over."""
        self.released.wait(60)
        handler.close_connection = True

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def answers(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    return lambda handler, received: handler.answer(status, body, **headers)
