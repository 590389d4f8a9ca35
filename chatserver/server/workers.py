"""What works behind the requests: the durable readers of the log, and the delivery of webhooks."""

from django.conf import settings

from chats.actions.notifications import notifications_reader
from chatserver.events.reader import Reader
from chatserver.events.reader_thread import ReaderThreads
from chatserver.events.trimming import trim_reader
from chatserver.webhooks.dispatcher import Dispatcher
from chatserver.webhooks.fan_out import fan_out_reader


class Workers:
    """Those of one process. Any number of processes share the work."""

    def __init__(self, *, delivers_webhooks: bool) -> None:
        readers: list[Reader] = [trim_reader(settings.CHAT_LOG_DAYS), notifications_reader()]
        self._dispatcher: Dispatcher | None = None
        if delivers_webhooks:
            dispatcher = self._dispatcher = Dispatcher()
            readers.append(fan_out_reader(dispatcher.wake_up, lambda: dispatcher.has_endpoints))
        self._readers = ReaderThreads(readers)

    def start(self) -> None:
        self._readers.start()
        if self._dispatcher is not None:
            self._dispatcher.start()

    def wake_up(self) -> None:
        """New rows are in the log. From any thread."""
        self._readers.wake_up()

    def stop(self) -> None:
        """End the threads, within some seconds."""
        self._readers.stop()
        if self._dispatcher is not None:
            self._dispatcher.stop()
