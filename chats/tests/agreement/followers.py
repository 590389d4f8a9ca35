"""The clients of one person: one that is always connected, one that comes and goes, and those that start cold."""

import json
import subprocess
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from chatserver_client import ChatClient, ChatError, Event
from chatserver_client.store import Store

from chatserver.tests.harness.programs import program
from chatserver.tests.harness.service import Service

# Very many are in it, and nobody does anything there.
GENERAL_ID = 0
SCRIPT = Path(__file__).parent / "follow.mjs"


class Follower:
    """A client with a store. It reads its stream when it is told to; what comes meanwhile waits in the connection."""

    def __init__(self, service: Service, token: str) -> None:
        self.chat = ChatClient(service.url, token)
        self.store = Store()
        self._stream: Generator[Event] | None = None

    def load(self) -> "Follower":
        """Everything that the store can have."""
        self.chat.load_store(self.store)
        self.chat.load_threads(self.store)
        self.open_rooms()
        return self

    def open_rooms(self) -> None:
        """Load the messages and members of rooms that are new, as somebody who opens each room."""
        for room_id in set(self.store.rooms) - set(self.store.timelines) - {GENERAL_ID}:
            # It may have ended meanwhile, which an event tells.
            with suppress(ChatError):
                self.chat.load_messages(self.store, room_id)
                self.chat.load_members(self.store, room_id)

    def read_until(self, position: int) -> None:
        """Follow, with the same connection as before if there is one, up to a position of which everybody hears."""
        if self._stream is None:
            self._stream = cast(Generator[Event], self.chat.follow(self.store))
        while self.store.position is None or self.store.position < position:
            next(self._stream)

    def leave(self) -> None:
        """Hang up. The next time it goes on behind the last event."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def close(self) -> None:
        self.leave()
        self.chat.close()


class JavaScriptFollower:
    """A client in Node. It reads its stream all the time, but after leave()."""

    def __init__(self, service: Service, token: str) -> None:
        command = [program("node", package="nodejs"), SCRIPT, service.url, token]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._read()

    def leave(self) -> None:
        """Its connection breaks, and there is none until it is asked for its parts."""
        self._write("leave")
        self._read()

    def parts(self) -> dict[str, Any]:
        """What it holds at this moment. It may still be connecting, or fetching something."""
        self._write("state")
        return self._read()

    def close(self) -> None:
        self._write("end")
        self._process.communicate(timeout=20)

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return {name: _with_ids(part) if isinstance(part, dict) else part for name, part in found.items()}


def _with_ids(part: dict[str, Any]) -> dict[int, Any]:
    """JSON has no numbers as keys."""
    return {int(key): value for key, value in part.items()}


def whole_state(store: Store) -> dict[str, Any]:
    """All that a store holds which a fresh one has, too. Places are its own; archived rooms are in no snapshot."""
    rooms = {key: room for key, room in store.rooms.items() if room["archived_at"] is None}
    return {
        "rooms": {key: _told(room) for key, room in rooms.items()},
        "messages": {key: timeline.messages for key, timeline in store.timelines.items() if key in rooms},
        "members": {
            key: {user_id: _lasting(member, rooms[key]["kind"]) for user_id, member in members.items()}
            for key, members in store.members.items()
            if key in rooms
        },
        "threads": store.threads and store.threads.list(),
        "blocks": store.blocks,
        "invitations": {key: _of_invitation(each) for key, each in store.invitations.items()},
        "me": store.me and {name: store.me[name] for name in ("id", "username", "display_name", "avatar_url")},
        "unread": (store.unread, store.mentions),
    }


def _told(room: Any) -> Any:
    """Replies to messages of before they came raise its last_seq, and are not told."""
    return {name: room[name] for name in room if name != "last_seq" or not room["visible_from_seq"]}


def _lasting(member: Any, kind: str) -> Any:
    """How far others have read in a group, nobody is told."""
    return member if kind == "direct" else {name: member[name] for name in member if name != "read_seq"}


def _of_invitation(invitation: Any) -> Any:
    """What it says of the room is of the moment when it was asked for."""
    return {name: invitation[name] for name in invitation if name not in {"room", "uses_left"}}
