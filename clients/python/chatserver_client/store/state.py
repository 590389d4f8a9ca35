"""What a person sees: themselves, their rooms, people, and what was loaded besides; and what answers put there."""

from collections.abc import Callable, Iterable
from typing import Literal

from chatserver_client.store.rooms import is_hidden, merged_room
from chatserver_client.store.threads import Threads
from chatserver_client.store.timeline import Timeline
from chatserver_client.types import FollowedThread, Following, Invitation, Member, Message, Room, Sync, User

# What has to be fetched, and of which room; of a thread the id of its root.
Due = tuple[Literal["room", "messages", "members", "threads", "thread"], int]
ALL_THREADS: Due = ("threads", 0)


class State:
    """`me`, `is_invisible`, `rooms` by id, `blocks` (ids of whom I block) and `invitations` to me by id are there from
    the snapshot on.

    `timelines` and `members` by room, and `threads`, have what was loaded. Members' `read_seq` are current in direct
    rooms, and of those who write. `position` is that of the last event that was applied; `due` is what events told
    without saying what it is now.
    """

    def __init__(self) -> None:
        self.position: int | None = None
        self.me: User | None = None
        self.rooms: dict[int, Room] = {}
        self.is_invisible = False
        self.blocks: set[int] = set()
        self.invitations: dict[int, Invitation] = {}
        self.timelines: dict[int, Timeline] = {}
        self.members: dict[int, dict[int, Member]] = {}
        self.threads: Threads | None = None
        self.due: set[Due] = set()
        # Of threads that I follow since a moment ago, whose roots are due.
        self.following: dict[int, Following] = {}
        self._places: dict[int, int] = {}

    @property
    def my_id(self) -> int:
        return 0 if self.me is None else self.me["id"]

    def room_list(self) -> list[Room]:
        """My rooms that are neither archived nor hidden, the most recently active one first."""
        shown = [room for room in self._open_rooms() if not is_hidden(room)]
        return sorted(shown, key=lambda room: (room["last_active_at"], self._places[room["id"]]), reverse=True)

    @property
    def unread(self) -> int:
        """How many messages are unread in all rooms that are not archived."""
        return sum(room.get("unread") or 0 for room in self._open_rooms())

    @property
    def mentions(self) -> int:
        """How many of these mention me."""
        return sum(room.get("mentions") or 0 for room in self._open_rooms())

    def _open_rooms(self) -> list[Room]:
        return [room for room in self.rooms.values() if room["archived_at"] is None]

    def put_sync(self, sync: Sync, more_rooms: Iterable[Room]) -> None:
        """A snapshot. What had been loaded besides is due."""
        self.position, self.me, self.is_invisible = sync["position"], sync["me"], sync["invisible"]
        self.blocks = set(sync["blocks"])
        self.invitations = {each["id"]: each for each in sync["invitations"]}
        self.rooms, self._places, self.following = {}, {}, {}
        for room in reversed([*sync["rooms"], *more_rooms]):
            self.put_room(room)
        for room_id in {*self.timelines, *self.members} - set(self.rooms):
            self.leave(room_id)
        self.due = {("messages", room_id) for room_id in self.timelines}
        self.due |= {("members", room_id) for room_id in self.members}
        self.due |= set() if self.threads is None else {ALL_THREADS}

    def put_room(self, room: Room) -> None:
        """A room as I see it now."""
        known = self.rooms.get(room["id"])
        if known is None or room["last_seq"] > known["last_seq"]:
            self.move_up(room["id"])
        self.rooms[room["id"]] = merged_room(known, room)

    def move_up(self, room_id: int) -> None:
        """It is the one that was active last. (Times are whole seconds, so they do not say that.)"""
        self._places[room_id] = max(self._places.values(), default=0) + 1

    def put_newest(self, room_id: int, messages: list[Message], *, has_older: bool) -> None:
        """The newest page of a room."""
        self.timelines[room_id] = Timeline()
        self.timelines[room_id].put_page(messages, has_older=has_older)

    def put_members(self, room_id: int, members: Iterable[Member]) -> None:
        self.members[room_id] = {member["user"]["id"]: member for member in members}

    def put_threads(self, threads: list[FollowedThread]) -> None:
        """All threads that I follow."""
        self.threads = Threads(threads)

    def put_root(self, root: Message) -> None:
        """The root of a thread that I follow since a moment ago."""
        mine = self.following.pop(root["id"], None)
        if mine is not None and self.threads is not None:
            self.threads.put(mine, root)

    def begin_to_follow(self, mine: Following) -> None:
        """Its root has to be fetched."""
        self.following[mine["root_id"]] = mine
        self.due.add(("thread", mine["root_id"]))

    def change_messages(self, room_id: int, message_id: int, change: Callable[[Message], Message]) -> None:
        """Change a message wherever it stands with what hangs on it."""
        if room_id in self.timelines:
            self.timelines[room_id].change(message_id, change)
        if self.threads is not None:
            self.threads.change(message_id, change)

    def move_member(self, room_id: int, user_id: int, seq: int) -> None:
        """Somebody has read up to here."""
        member = self.members.get(room_id, {}).get(user_id)
        if member is not None and seq > member["read_seq"]:
            self.members[room_id][user_id] = {**member, "read_seq": seq}

    def leave(self, room_id: int) -> None:
        """The room is not mine any more."""
        self.rooms.pop(room_id, None)
        self._places.pop(room_id, None)
        self.timelines.pop(room_id, None)
        self.members.pop(room_id, None)
        self.due = {due for due in self.due if due[0] in {"threads", "thread"} or due[1] != room_id}
        if self.threads is not None:
            self.threads.leave_room(room_id)
