"""What a test's own transaction put into the outbox."""

from typing import Any

import msgspec

from chatserver.events.models import Kind, Outbox
from chatserver.tests.harness import contract


class Recorder:
    """The rows that were written since it was made, or since the last look."""

    def __init__(self) -> None:
        self._last = self._newest()

    def _newest(self) -> int:
        return Outbox.objects.order_by("-id").values_list("id", flat=True).first() or 0

    def rows(self) -> list[Outbox]:
        found = list(Outbox.objects.filter(id__gt=self._last).order_by("id"))
        for row in found:
            contract.check_row(row)
        self._last = max([self._last, *(row.id for row in found)])
        return found

    def threads(self) -> list[Any]:
        """What stands beside the body of each event."""
        return [row.thread and msgspec.json.decode(row.thread) for row in self.rows() if row.kind == Kind.EVENT]

    def events(self) -> list[tuple[str, str, Any]]:
        """(topic, type, body) of each event."""
        return [(row.topic, row.type, msgspec.json.decode(row.body)) for row in self.rows() if row.kind == Kind.EVENT]
