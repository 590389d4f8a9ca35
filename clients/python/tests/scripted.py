"""An HTTP server whose answers a test writes down, byte by byte."""

import re
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress


class ScriptedServer:
    """Gives each connection the next answer and closes it; the last answer is repeated. `requests` are the requests."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.requests: list[str] = []
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    self.requests.append(_read_request(connection))
                    connection.sendall(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def sent(self, name: str) -> list[str | None]:
        """The value of a header in each request."""
        found = []
        for request in self.requests:
            lines = dict(line.lower().split(": ", 1) for line in request.splitlines()[1:] if ": " in line)
            found.append(lines.get(name))
        return found


def _read_request(connection: socket.socket) -> str:
    text = ""
    while True:
        text += connection.recv(65536).decode()
        head, end, body = text.partition("\r\n\r\n")
        length = re.search(r"(?i)content-length: (\d+)", head)
        if end and len(body.encode()) >= (int(length[1]) if length else 0):
            return text


def stream(*frames: str) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + "".join(frames).encode()


def cut_stream(*frames: str) -> bytes:
    """The same, but the connection breaks before the answer has ended."""
    body = "".join(frames).encode()
    chunk = b"%x\r\n%s\r\n" % (len(body), body)
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk


def refusal(status: int, code: str, *headers: str) -> bytes:
    body = f'{{"code":"{code}","detail":"no"}}'
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers, "", body]
    return "\r\n".join(lines).encode()


def answer(body: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


def hello(position: int) -> str:
    return f'retry: 0\nid: {position}\nevent: hello\ndata: {{"type":"hello","position":{position}}}\n\n'


def event(position: int, text: str = "") -> str:
    body = f'{{"position":{position},"type":"message.created","room_id":0,"data":{{"message":"{text}"}}}}'
    return f"id: {position}\nevent: message.created\ndata: {body}\n\n"


def bye(reason: str) -> str:
    return f'retry: 0\nevent: bye\ndata: {{"type":"bye","reason":"{reason}"}}\n\n'
