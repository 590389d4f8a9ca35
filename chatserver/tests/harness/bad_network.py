"""A network that cuts, delays and truncates, in front of a service."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from benchmarks.torture.proxy import Proxy
from chatserver.tests.harness.service import Service


class BadNetwork:
    """A proxy in front of a service, in a thread of its own."""

    def __init__(self, service: Service) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._proxy = Proxy(("127.0.0.1", service.port), Random(13))
        self._wait_for(self._proxy.start())
        self.url = f"http://127.0.0.1:{self._proxy.port}"

    def _wait_for(self, task: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(30)

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._proxy.cut, 1.0)

    def set(self, *, delay_seconds: float = 0, truncation: float = 0) -> None:
        self._proxy.delay_seconds, self._proxy.truncation = delay_seconds, truncation

    def close(self) -> None:
        self._wait_for(self._proxy.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def bad_network(service: Service) -> Iterator[BadNetwork]:
    network = BadNetwork(service)
    try:
        yield network
    finally:
        network.close()
