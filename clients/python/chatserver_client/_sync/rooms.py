# Written by make_sync.py from _async/; change it there.
"""Rooms, who is in them, invitations and requests to join."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from chatserver_client._sync.base import Base
from chatserver_client._sync.transport import path_of
from chatserver_client.types import Invitation, JoinRequest, Member, MemberSettings, Room, Sync


class RoomsApi(Base):
    """A person's rooms."""

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
