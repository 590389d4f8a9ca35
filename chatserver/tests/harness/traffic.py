"""People who post and listen without a pause, while something happens to the server."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from chatserver.tests.harness.service import Client
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for


class Traffic:
    """Posts, over one connection and over ever new ones, and streams that come back with the last id."""

    def __init__(self, poster: Client, listeners: list[Client]) -> None:
        self.sent: list[str] = []
        self.failures: list[str] = []
        self.heard: list[list[str]] = [[] for _ in listeners]
        self._poster = poster
        self._is_posting = True
        self._is_over = False
        self._lock = threading.Lock()
        self._opened = threading.Semaphore(0)
        listening = zip(listeners, self.heard, strict=True)
        self._posts = [threading.Thread(target=self._post, args=(is_kept,)) for is_kept in (True, False)]
        self._streams = [threading.Thread(target=self._listen, args=pair) for pair in listening]
        for thread in self._streams:
            thread.start()
        for _ in self._streams:  # a stream begins behind what was posted before
            assert self._opened.acquire(timeout=30), "a stream did not open"
        for thread in self._posts:
            thread.start()

    def end(self) -> None:
        """Post no more, hear everything, and end."""
        self._is_posting = False
        for thread in self._posts:
            thread.join()
        self._is_over = True
        for thread in self._streams:
            thread.join()

    def _post(self, is_kept: bool) -> None:
        for number in itertools.count():
            if not self._is_posting:
                return
            # One after the other, so that it is known in which order they have to be heard.
            with self._lock:
                text = f"{'kept' if is_kept else 'new'} {number}"
                body = {"room_id": 0, "message": text}
                headers = {"Authorization": f"Bearer {self._poster.token}"}
                post = self._poster.post if is_kept else httpx.post
                url = f"{self._poster.service.url}/api/v1/chats/"
                try:
                    answer = post(url, json=body, headers=headers, timeout=30)
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                else:
                    self.sent.append(text)
                    if answer.status_code != 201:
                        self.failures.append(f"{answer.status_code} {answer.text}")

    def _listen(self, person: Client, heard: list[str]) -> None:
        last_id = None
        while not self._is_over or len(heard) < len(self.sent):
            try:
                stream = person.listen(last_id)
            except (OSError, AssertionError) as error:
                self.failures.append(repr(error))
                return
            finally:
                self._opened.release()
            self._wait_for_end(stream, len(heard))
            last_id = stream.last_event_id
            heard += stream.texts()
            stream.close()

    def _wait_for_end(self, stream: Stream, heard: int) -> None:
        """Of the stream, or of what there is to be heard."""

        def is_everything_heard() -> bool:
            return self._is_over and heard + len(stream.texts()) >= len(self.sent)

        wait_for(lambda: stream.is_closed or is_everything_heard(), 60)


@contextmanager
def traffic(poster: Client, listeners: list[Client]) -> Iterator[Traffic]:
    under_way = Traffic(poster, listeners)
    try:
        yield under_way
    finally:
        under_way.end()
