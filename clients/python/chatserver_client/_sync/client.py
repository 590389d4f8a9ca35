# Written by make_sync.py from _async/; change it there.
"""The client: one method for each thing that people and backends do."""

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import httpx2

from chatserver_client._sync.base import MAX_PAGE
from chatserver_client._sync.server import ServerApi
from chatserver_client._sync.transport import path_of
from chatserver_client.errors import ChatError
from chatserver_client.events import Event, FrameParser, event_in
from chatserver_client.following import SILENCE_SECONDS, Follower, feed_params
from chatserver_client.types import (
    Block,
    EarlierText,
    FollowedThread,
    Following,
    Invitation,
    JoinRequest,
    Json,
    Member,
    MemberSettings,
    Message,
    Reaction,
    ReadMarker,
    Room,
    Session,
    Sync,
    Unread,
    User,
)

STREAM = "/api/v1/stream"
MAX_EVENTS = 1_000


class ChatClient(ServerApi):
    """A person's, or a backend's, view of a ChatServer.

    `url` is where it is served, below a path or not. `token` is a token, a JWT or a service key, or a function that
    returns one: it is called again when the server refuses the last one. `timeout` is in seconds.

    Methods raise ChatError where the server refuses, and httpx2.TransportError where it can't be reached. Those that
    only read, and those that may be repeated without harm, are repeated a few times before that.
    """

    # People

    def session(self) -> Session:
        """Who I am, by which kind of credential, and until when."""
        return cast(Session, self.request("GET", "session"))

    def user(self, user_id: int) -> User:
        return cast(User, self.request("GET", "users", user_id))

    def users(self, prefix: str = "") -> Iterator[User]:
        """The people that I may see, by their ids; those whose name begins so."""
        for user in self._pages("users", q=prefix):
            yield cast(User, user)

    def update_profile(self, **changes: str) -> User:
        """Change my `display_name`, `avatar_url` or `email`."""
        return cast(User, self.request("PATCH", "users", "me", json=changes))

    def block(self, user_id: int) -> Block:
        """Neither of us sends direct messages to the other then. To do it again changes nothing."""
        return cast(Block, self.request("PUT", "blocks", user_id))

    def unblock(self, user_id: int) -> None:
        self.request("DELETE", "blocks", user_id)

    def blocks(self) -> Iterator[Block]:
        """Whom I block, by user id."""
        for block in self._pages("blocks"):
            yield cast(Block, block)

    # Rooms

    def sync(self) -> Sync:
        """What a client starts with: where the log stands, me, my most recently active rooms."""
        return cast(Sync, self.request("GET", "sync"))

    def rooms(self) -> Iterator[Room]:
        """My rooms, those that were active last first."""
        for room in self._pages("rooms"):
            yield cast(Room, room)

    def room(self, room_id: int) -> Room:
        return cast(Room, self.request("GET", "rooms", room_id))

    def create_room(
        self, name: str, *, kind: str = "closed", description: str = "", members: Sequence[int] = ()
    ) -> Room:
        """A room of which I am the owner, with up to 200 members. `kind` is closed or open."""
        body = {"name": name, "kind": kind, "description": description, "members": list(members)}
        # With an id of ours, the server knows a repeated request.
        body["client_room_id"] = str(uuid.uuid4())
        path = path_of("rooms")
        return cast(Room, self._transport.request("POST", path, json=body, is_repeatable=True))

    def update_room(self, room_id: int, **changes: Any) -> Room:
        """Change `name`, `description`, `kind` or settings such as `posting`, or restore a room: `archived=False`."""
        return cast(Room, self.request("PATCH", "rooms", room_id, json=changes))

    def my_settings(self, room_id: int) -> MemberSettings:
        """What I set for myself in a room."""
        return cast(MemberSettings, self.request("GET", "rooms", room_id, "me"))

    def update_my_settings(self, room_id: int, **changes: str | bool | None) -> MemberSettings:
        """Change `notify`, `muted_until`, `pinned` or `hidden`: such a room shows again when somebody writes there."""
        return cast(MemberSettings, self.request("PATCH", "rooms", room_id, "me", json=changes))

    def archive_room(self, room_id: int) -> None:
        self.request("DELETE", "rooms", room_id)

    def invite(self, room_id: int, user_id: int, *, expires_in: int | None = None) -> Invitation:
        """Invite a person to a room. Who is invited already keeps that invitation."""
        body = {"user_id": user_id, "expires_in": expires_in}
        return cast(Invitation, self.request("POST", "rooms", room_id, "invitations", json=body))

    def make_invitation_link(
        self, room_id: int, *, expires_in: int | None = None, uses: int | None = None
    ) -> Invitation:
        """An invitation with a `code`, which is shown this once; for seven days if not said (in seconds)."""
        body = {"expires_in": expires_in, "uses": uses}
        return cast(Invitation, self.request("POST", "rooms", room_id, "invitations", json=body))

    def invitations(self) -> Iterator[Invitation]:
        """My open invitations."""
        for invitation in self._pages("invitations"):
            yield cast(Invitation, invitation)

    def room_invitations(self, room_id: int) -> Iterator[Invitation]:
        """The open invitations to a room, for those who may invite people there."""
        for invitation in self._pages("rooms", room_id, "invitations"):
            yield cast(Invitation, invitation)

    def accept_invitation(self, id_or_code: int | str) -> Member:
        return cast(Member, self.request("POST", "invitations", id_or_code, "accept"))

    def remove_invitation(self, invitation_id: int) -> None:
        """Decline an invitation, or revoke one of a room."""
        self.request("DELETE", "invitations", invitation_id)

    def ask_to_join(self, room_id: int, message: str = "") -> JoinRequest:
        """Ask to join a closed room that takes requests."""
        body = {"message": message}
        return cast(JoinRequest, self.request("POST", "rooms", room_id, "join-requests", json=body))

    def join_requests(self, room_id: int) -> Iterator[JoinRequest]:
        """Who asks for a room, for its owners and moderators. To approve is to add them."""
        for request in self._pages("rooms", room_id, "join-requests"):
            yield cast(JoinRequest, request)

    def decline_join_request(self, room_id: int, user_id: int) -> None:
        """Decline a request, or, with my own id, withdraw mine."""
        self.request("DELETE", "rooms", room_id, "join-requests", user_id)

    def members(self, room_id: int) -> Iterator[Member]:
        for member in self._pages("rooms", room_id, "members"):
            yield cast(Member, member)

    def add_members(self, room_id: int, user_ids: Iterable[int]) -> None:
        self.request("POST", "rooms", room_id, "members", json={"user_ids": list(user_ids)})

    def remove_member(self, room_id: int, user_id: int) -> None:
        """Remove a member, or, with my own id, leave."""
        self.request("DELETE", "rooms", room_id, "members", user_id)

    # Messages

    def send_message(
        self,
        text: str,
        *,
        room_id: int | None = None,
        user_id: int | None = None,
        parent_id: int | None = None,
        metadata: Json | None = None,
        client_message_id: str | None = None,
    ) -> Message:
        """Post to a room, or to a person; with `parent_id` into the thread of that message.

        `metadata` is a JSON object of your own. What has the same `client_message_id` is posted once.
        """
        body: Json = {"message": text, "client_message_id": client_message_id or str(uuid.uuid4())}
        body |= {} if parent_id is None else {"parent_id": parent_id}
        body |= {} if metadata is None else {"metadata": metadata}
        body |= {"user_id": user_id} if room_id is None else {"room_id": room_id}
        path = path_of("chats")
        return cast(Message, self._transport.request("POST", path, json=body, is_repeatable=True))

    def messages(self, room_id: int, *, before: int | None = None) -> Iterator[Message]:
        """The messages of a room from the newest to the oldest, or from before a `seq` on. Pages are read as needed."""
        while True:
            params = {"limit": MAX_PAGE} | ({} if before is None else {"before": before})
            page = self.request("GET", "rooms", room_id, "messages", **params)
            for message in reversed(page["results"]):
                yield cast(Message, message)
            if page["previous"] is None:
                return
            before = page["previous"]

    def message(self, message_id: int) -> Message:
        return cast(Message, self.request("GET", "messages", message_id))

    def edit_message(self, message_id: int, text: str, *, version: int | None = None) -> Message:
        """Change the text of my message; with `version` only where it still has it, else ChatError 412."""
        body: Json = {"message": text, "version": version}
        return cast(Message, self.request("PATCH", "messages", message_id, json=body))

    def remove_message(self, message_id: int) -> None:
        """Remove my message, or, as an owner or a moderator of its room, anybody's."""
        self.request("DELETE", "messages", message_id)

    def react(self, message_id: int, emoji: str) -> None:
        """An emoji, or a short code such as ":shipit:". To do it again changes nothing."""
        self.request("PUT", "messages", message_id, "reactions", emoji)

    def remove_reaction(self, message_id: int, emoji: str) -> None:
        self.request("DELETE", "messages", message_id, "reactions", emoji)

    def reactions(self, message_id: int) -> Iterator[Reaction]:
        """Who reacted, the first ones first."""
        for reaction in self._pages("messages", message_id, "reactions"):
            yield cast(Reaction, reaction)

    def pin(self, message_id: int) -> None:
        """Pin a message for everybody in its room, where I may."""
        self.request("PUT", "messages", message_id, "pin")

    def unpin(self, message_id: int) -> None:
        self.request("DELETE", "messages", message_id, "pin")

    def pinned_messages(self, room_id: int) -> Iterator[Message]:
        """The pinned messages of a room, oldest to newest."""
        for message in self._pages("rooms", room_id, "pins"):
            yield cast(Message, message)

    def earlier_texts(self, message_id: int) -> Iterator[EarlierText]:
        """What an edited message said before, for moderators, where the server keeps it."""
        for earlier in self._pages("messages", message_id, "edits"):
            yield cast(EarlierText, earlier)

    def replies(self, message_id: int) -> Iterator[Message]:
        """The replies in the thread of a message, the first ones first."""
        for reply in self._pages("messages", message_id, "replies"):
            yield cast(Message, reply)

    def threads(self, *, unread: bool = False) -> Iterator[FollowedThread]:
        """The threads that I follow, the latest reply first; with `unread` only those with unread replies."""
        for thread in self._pages("threads", **({"unread": "true"} if unread else {})):
            yield cast(FollowedThread, thread)

    def follow_thread(self, message_id: int) -> Following:
        return cast(Following, self.request("PUT", "messages", message_id, "follow"))

    def unfollow_thread(self, message_id: int) -> None:
        self.request("DELETE", "messages", message_id, "follow")

    def mark_thread_read(self, message_id: int, seq: int) -> Following:
        """I have read the thread up to this `thread_seq`."""
        path = ("messages", message_id, "thread-read-marker")
        return cast(Following, self.request("PUT", *path, json={"seq": seq}))

    def mark_read(self, room_id: int, seq: int) -> ReadMarker:
        """I have read up to this message."""
        return cast(ReadMarker, self.request("PUT", "rooms", room_id, "read-marker", json={"seq": seq}))

    def mark_unread_from(self, message: Message) -> ReadMarker:
        """This message is to be the first one of its room that is unread."""
        body = {"unread_from": message["id"]}
        return cast(ReadMarker, self.request("PUT", "rooms", message["room_id"], "read-marker", json=body))

    def mark_all_read(self) -> None:
        """I have read everything in all of my rooms."""
        self.request("PUT", "read-marker")

    def unread(self) -> Unread:
        return cast(Unread, self.request("GET", "unread"))

    def start_typing(self, room_id: int) -> None:
        self.request("POST", "rooms", room_id, "typing")

    # What happens

    def events(
        self,
        after: int | None = None,
        *,
        types: str | None = None,
        everybody: bool = False,
    ) -> Iterator[Event]:
        """Everything that I am entitled to hear, from now on or from behind a position, live and without end.

        With `everybody`, for a service key, all that happens to anybody; `types` has those that are wanted of it, as
        in "message.*,room.created".

        After an error it goes on behind the last event: none is lost and none comes twice. Where the server can't do
        that, an event of the type "reset" comes. StreamEnded where the server ended the stream for good; ChatError
        where it refuses it.
        """
        follower = Follower(after, can_renew=self._transport.can_renew)
        params = feed_params(types, everybody)
        while True:
            if follower.needs_credential:
                self._transport.forget_token()
            try:
                stream = self._transport.stream(STREAM, follower.headers, params, SILENCE_SECONDS)
                with stream as answer:
                    parser = FrameParser()
                    for piece in answer.iter_bytes():
                        for frame in parser.feed(piece):
                            event = follower.receive(frame)
                            if event is not None:
                                yield event
            except ChatError as error:
                follower.refused(error)
            except httpx2.TransportError:
                follower.broke()
            time.sleep(follower.take_pause())

    def past_events(
        self,
        after: int = 0,
        *,
        types: str | None = None,
        everybody: bool = False,
    ) -> Iterator[Event]:
        """The events behind a position that are in the log now, without waiting for more; else as events()."""
        params = feed_params(types, everybody)
        while True:
            began = after
            page = self.request("GET", "events", after=after, limit=MAX_EVENTS, **params)
            after = page["next"]
            if page["reset"] is not None:
                yield Event("reset", page["reset"], after)
            for event in page["results"]:
                yield event_in(event)
            # A page is empty, too, where events of other types were passed over.
            if not page["results"] and after == began:
                return
