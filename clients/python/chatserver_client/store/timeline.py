"""The loaded messages of a room, the newest ones without a gap. Replies are in threads."""

from collections.abc import Callable, Sequence

from chatserver_client.store.messages import newer_state
from chatserver_client.types import Message

# What is older is dropped, and can be loaded again.
MAX_HELD_MESSAGES = 1_000


class Timeline:
    """Every message behind the first one is here; `has_older`: the room has others before it."""

    def __init__(self) -> None:
        self.has_older = True
        self._by_id: dict[int, Message] = {}

    @property
    def messages(self) -> list[Message]:
        """Oldest first."""
        return sorted(self._by_id.values(), key=lambda message: message["seq"])

    def put_page(self, messages: Sequence[Message], *, has_older: bool) -> None:
        """The newest page, or the one before the first message that is here."""
        for message in messages:
            known = self._by_id.get(message["id"])
            # Events that were applied before know as much as the page, but for what is applied after it once more.
            self._by_id[message["id"]] = message if known is None else newer_state(message, known)
        self.has_older = has_older

    def add(self, message: Message) -> None:
        """A message that an event tells of; one that lies before the first one is left out."""
        first = min((each["seq"] for each in self._by_id.values()), default=0)
        if message.get("parent_id") is None and (message["seq"] > first or not self.has_older):
            fresh: Message = {"reactions": [], "thread": None, **message}
            self._by_id[message["id"]] = newer_state(self._by_id.get(message["id"]), fresh)
        if len(self._by_id) > MAX_HELD_MESSAGES:
            newest = self.messages[-MAX_HELD_MESSAGES // 2 :]
            self._by_id, self.has_older = {message["id"]: message for message in newest}, True

    def update(self, message: Message) -> None:
        """Another state of a message that may be here."""
        self.change(message["id"], lambda known: newer_state(known, message))

    def change(self, message_id: int, change: Callable[[Message], Message]) -> None:
        if message_id in self._by_id:
            self._by_id[message_id] = change(self._by_id[message_id])

    def change_all(self, change: Callable[[Message], Message]) -> None:
        self._by_id = {key: change(message) for key, message in self._by_id.items()}
