"""The threads that run the durable readers of a server process: drain, then wait for a wake-up or a poll."""

import threading
import time
from collections.abc import Sequence

import structlog
from django.db import Error, connection

from chatserver.events import metrics
from chatserver.events.reader import Reader
from chatserver.storage.outages import database_outage

# After a drain. A lone row is handled at once; under load several batches of the sequencer share one transaction here.
READER_PAUSE_SECONDS = 0.05
READER_ERROR_SECONDS = 1.0
READER_STOP_SECONDS = 5.0

logger = structlog.get_logger(__name__)


class ReaderThread(threading.Thread):
    """Runs one reader for as long as the process runs, whatever fails."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(name=f"reader_{reader.name}", daemon=True)
        for metric in (metrics.READER_LAG, metrics.READER_POISONED, metrics.READER_MISSED):
            metric.labels(reader.name)  # at zero, before it has an event
        self._reader = reader
        self._wake = threading.Event()
        self._is_stopping = False

    def wake_up(self) -> None:
        """Look for new rows now."""
        if not self._reader.delay_seconds and self._reader.is_urgent():
            self._wake.set()

    def ask_to_stop(self) -> None:
        """End after the batch that is being handled."""
        self._is_stopping = True
        self._wake.set()

    def run(self) -> None:
        while not self._is_stopping:
            try:
                self._wake.clear()
                self._drain()
                if not self._is_stopping:  # asked after the clear(), which else would keep us waiting
                    self._wake.wait(self._reader.poll_seconds)
            except Error as error:  # PostgreSQL is away or restarting: wait, and try for as long as it takes
                database_outage.note(error, by=f"reader {self._reader.name}")
                self._wait_after_error()
            except Exception:  # without this thread the reader would stop, and nobody would know
                logger.exception("reader_broke", reader=self._reader.name)
                self._wait_after_error()
        connection.close()

    def _drain(self) -> None:
        has_worked = False
        while not self._is_stopping and self._reader.has_work():
            has_worked = True
            if not self._reader.work():
                break
        if has_worked:
            time.sleep(READER_PAUSE_SECONDS)

    def _wait_after_error(self) -> None:
        connection.close()
        time.sleep(READER_ERROR_SECONDS)


class ReaderThreads:
    """One thread for each reader of a process."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._threads = [ReaderThread(reader) for reader in readers]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake_up(self) -> None:
        """New rows are in the log. From any thread."""
        for thread in self._threads:
            thread.wake_up()

    def stop(self) -> None:
        """End the threads, within 5 s. A batch that takes longer is undone when the process ends."""
        for thread in self._threads:
            thread.ask_to_stop()
        deadline = time.monotonic() + READER_STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
