"""The threads that I follow, with what is unread in each: the thread_seq of its newest reply, less what I have read."""

from collections.abc import Callable, Iterable

from chatserver_client.store.messages import newer_state
from chatserver_client.types import FollowedThread, Following, Message


class Threads:
    """By the id of the root. Those without replies are held, too, and not shown."""

    def __init__(self, threads: Iterable[FollowedThread]) -> None:
        self._by_root = {each["root_id"]: each for each in threads}

    def list(self) -> list[FollowedThread]:
        """Those that have replies, by the id of the root."""
        return [self._by_root[key] for key in sorted(self._by_root) if self._by_root[key]["root"].get("thread")]

    @property
    def unread(self) -> int:
        """How many have unread replies."""
        return sum(each["unread"] > 0 for each in self.list())

    def put(self, mine: Following, root: Message) -> None:
        """A thread that I follow now. A lower read_seq is old news."""
        known = self._by_root.get(mine["root_id"])
        read_seq = mine["read_seq"] if known is None else max(known["read_seq"], mine["read_seq"])
        self._by_root[mine["root_id"]] = _counted({**mine, "read_seq": read_seq, "unread": 0, "root": root})

    def follow(self, mine: Following) -> bool:
        """What I have of a thread now. Returns False where it is to be put, and its root is not here."""
        known = self._by_root.get(mine["root_id"])
        if not mine["following"]:
            self._by_root.pop(mine["root_id"], None)
        elif known is not None:
            self.put(mine, known["root"])
        return known is not None or not mine["following"]

    def update(self, message: Message) -> None:
        """Another state of what may be a root."""
        self.change(message["id"], lambda root: newer_state(root, message))

    def change(self, root_id: int, change: Callable[[Message], Message]) -> None:
        if root_id in self._by_root:
            thread = self._by_root[root_id]
            self._by_root[root_id] = _counted({**thread, "root": change(thread["root"])})

    def change_all(self, change: Callable[[Message], Message]) -> None:
        for root_id in self._by_root:
            self.change(root_id, change)

    def leave_room(self, room_id: int) -> None:
        self._by_root = {key: each for key, each in self._by_root.items() if each["room_id"] != room_id}


def _counted(thread: FollowedThread) -> FollowedThread:
    totals = thread["root"].get("thread")
    return {**thread, "unread": max(0, totals["last_seq"] - thread["read_seq"]) if totals else 0}
