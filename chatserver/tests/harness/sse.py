"""A client of an event stream that reads in a thread, as strict about the format as a browser."""

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chatserver.tests.harness import contract
from chatserver.tests.harness.waiting import wait_for


@dataclass(frozen=True)
class Event:
    """One dispatched event; `id` is the last event id after it, `data` the parsed JSON."""

    name: str
    id: str | None
    data: Any

    @property
    def position(self) -> int:
        return self.data.get("position", 0)


class Stream:
    """An open stream. Parses as the HTML standard says: an id without data moves `last_event_id` silently."""

    def __init__(self, url: str, headers: dict[str, str] | None = None, last_event_id: str | None = None) -> None:
        parts = urlsplit(url)
        self._is_api = parts.path.rstrip("/") == "/api/v1/stream"
        self.events: list[Event] = []
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self.is_closed = False
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        sent = dict(headers or {})
        if last_event_id is not None:
            sent["Last-Event-ID"] = last_event_id
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        self._connection.request("GET", path, headers=sent)
        self._socket = self._connection.sock
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.headers = self._response.headers
        self.body = b"" if self.status == 200 else self._response.read()
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()
        else:
            self._connection.close()
            self.is_closed = True

    def wait(self, name: str, matches: Callable[[Any], bool] = lambda data: True, seconds: float = 15.0) -> Event:
        """The first event of this name whose data matches."""
        return wait_for(
            lambda: next((e for e in list(self.events) if e.name == name and matches(e.data)), None),
            seconds,
            f"{name} among {[event.name for event in self.events]}",
        )

    def wait_closed(self, seconds: float = 15.0) -> None:
        wait_for(lambda: self.is_closed, seconds, "the end of the stream")

    def named(self, name: str) -> list[Event]:
        return [event for event in list(self.events) if event.name == name]

    def texts(self) -> list[str]:
        """The texts of the messages, in the order of their arrival."""
        return [event.data["data"]["message"] for event in self.named("message.created")]

    def close(self) -> None:
        """Hang up, as a client that has gone. The thread that reads notices."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        frame: contract.Frame = {}
        try:
            while line := self._response.readline():
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if line == b"\n":
                    self._take(frame)
                    frame = {}
                elif field in {"id", "event"}:
                    frame[field] = value
                elif field == "data":
                    frame[field] = f"{frame[field]}\n{value}" if field in frame else value
                elif field == "retry":
                    frame[field] = int(value)
                else:
                    raise AssertionError(f"a line that no browser would understand: {line!r}")
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server was killed, or we hung up
        finally:
            self._response.close()
            self._connection.close()
            self._socket.close()
            self.is_closed = True

    def _take(self, frame: contract.Frame) -> None:
        if self._is_api:
            contract.check_frame(frame)
        self.last_event_id = frame.get("id", self.last_event_id)
        self.retry = frame.get("retry", self.retry)
        if "data" in frame and frame.get("event") != "heartbeat":
            self.events.append(Event(frame.get("event", "message"), self.last_event_id, json.loads(frame["data"])))
