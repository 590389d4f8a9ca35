"""The worker of webhooks, driven by a test in its own thread and transaction. Only the requests have another thread."""

from collections.abc import Callable

from django.db.models.functions import Now

from chatserver.events.reader import Reader
from chatserver.tests.harness.waiting import wait_for
from chatserver.webhooks.access import active_endpoints
from chatserver.webhooks.dispatcher import Dispatcher
from chatserver.webhooks.fan_out import fan_out_reader
from chatserver.webhooks.models import Lane


class Work:
    def __init__(self) -> None:
        self.reader: Reader = fan_out_reader(lambda: None, lambda: True)
        self.reader.has_work()  # makes the cursor
        self._dispatchers: list[Dispatcher] = []
        self.dispatcher = self.another()

    def another(self) -> Dispatcher:
        """A further worker."""
        made = Dispatcher()
        made._sender.start()
        self._dispatchers.append(made)
        return made

    def fan_out(self) -> None:
        while self.reader.has_work() and self.reader.work():
            pass

    def until(self, is_done: Callable[[], object], seconds: float = 15.0) -> None:
        """Fan out and dispatch until this holds."""
        self.fan_out()

        def work() -> bool:
            self.dispatcher.work()
            return bool(is_done())

        wait_for(work, seconds, "deliveries")

    def settle(self) -> None:
        """Until nothing is due or under way."""
        self.until(lambda: not self.dispatcher._held and not self.dispatcher._reports and not due_lanes())

    def make_due(self) -> None:
        """Let the time until the next attempts be over."""
        Lane.objects.update(due_at="2020-01-01T00:00:00Z")

    def end(self) -> None:
        for dispatcher in self._dispatchers:
            dispatcher._sender.abandon()
            dispatcher._sender.stop()


def due_lanes() -> bool:
    return Lane.objects.filter(worker_id=None, due_at__lte=Now(), endpoint__in=active_endpoints()).exists()
