"""What rooms hold, in plain lists and numbers: an account of its own, which knows nothing of server and clients."""

from dataclasses import dataclass, field
from typing import Any

EVERYBODY = 0


@dataclass
class Member:
    """`came` orders the members of a room; `read` is a seq, and what others were told of it was at most `has_shown`.

    They see what was written since `sees_from`, a seq. They `wrote_lately` also where they left lately and came back
    to a slow mode. The rest is what they set for themselves.
    """

    user_id: int
    role: str
    came: int
    read: int
    sees_from: int = 0
    has_shown: int = 0
    has_written: bool = False
    wrote_lately: bool = False
    notify: str = "all"
    is_pinned: bool = False
    hidden_at: int | None = None


@dataclass
class Follower:
    read: int
    is_following: bool = True


@dataclass
class Message:
    """`mentioned` has ids of people, and EVERYBODY. Of a root, `followers` are by id of the person.

    What the room itself says has no text, but `says` what was done, and to whom.
    """

    id: int
    seq: int
    sender: int
    text: str
    mentioned: set[int]
    root: "Message | None" = None
    version: int = 1
    is_removed: bool = False
    pinned_by: int | None = None
    says: tuple[str, str | list[int]] | None = None
    reactions: dict[str, set[int]] = field(default_factory=dict)
    replies: list["Message"] = field(default_factory=list)
    followers: dict[int, Follower] = field(default_factory=dict)

    @property
    def left_replies(self) -> list["Message"]:
        return [reply for reply in self.replies if not reply.is_removed]

    @property
    def may_be_replied_to(self) -> bool:
        return self.says is None and (not self.is_removed or bool(self.replies))

    def follow(self, user_id: int, read: int) -> None:
        """Who followed before has read what they had read."""
        self.followers.setdefault(user_id, Follower(read)).is_following = True

    def is_followed_by(self, user_id: int) -> bool:
        return user_id in self.followers and self.followers[user_id].is_following


@dataclass
class Room:
    id: int
    kind: str
    name: str
    members: dict[int, Member]
    posting: str = "everyone"
    pinning: str = "moderators"
    takes_edits: bool = True
    takes_requests: bool = False
    is_slow: bool = False
    shows_history: bool = True
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)
    # Who left by themselves, and who asks to join.
    leavers: set[int] = field(default_factory=set)
    asking: set[int] = field(default_factory=set)
    arrivals: int = 0

    @property
    def is_direct(self) -> bool:
        return self.kind == "direct"

    @property
    def last_seq(self) -> int:
        return len(self.messages)

    @property
    def history(self) -> list[Message]:
        """Without replies."""
        return [message for message in self.messages if message.root is None]

    @property
    def texts(self) -> list[Message]:
        """What can be unread."""
        return [message for message in self.history if message.says is None]

    def main_seq_at(self, seq: int) -> int:
        return sum(message.seq <= seq for message in self.texts)

    def sees(self, user_id: int, message: Message) -> bool:
        """A reply is seen where its root is."""
        return user_id in self.members and (message.root or message).seq >= self.members[user_id].sees_from

    def history_for(self, user_id: int) -> list[Message]:
        return [message for message in self.history if self.sees(user_id, message)]

    def may_moderate(self, user_id: int) -> bool:
        return user_id in self.members and self.members[user_id].role in {"owner", "moderator"}

    def may_post(self, user_id: int) -> bool:
        """While the room is open."""
        return user_id in self.members and (self.is_direct or self.posting == "everyone" or self.may_moderate(user_id))

    def has_to_wait(self, user_id: int) -> bool:
        return self.is_slow and self.members[user_id].wrote_lately and not self.may_moderate(user_id)

    @property
    def may_be_asked_for(self) -> bool:
        return self.kind == "closed" and self.takes_requests and not self.is_archived

    def may_add(self, user_id: int) -> bool:
        return user_id in self.members and (self.kind == "open" or self.may_moderate(user_id))

    def owners(self) -> list[int]:
        return [member.user_id for member in self.members.values() if member.role == "owner"]

    def enter(self, user_id: int, role: str = "member") -> None:
        """What is there counts as read by who comes."""
        self.arrivals += 1
        sees_from = 0 if self.shows_history else self.last_seq + 1
        member = Member(user_id, role, self.arrivals, self.last_seq, sees_from)
        member.wrote_lately = self.is_slow and user_id in self.leavers
        self.members.setdefault(user_id, member)
        self.asking.discard(user_id)

    def leave(self, user_id: int) -> None:
        """After the last owner the oldest moderator is one, or the oldest who has written; else it is archived."""
        was_owner = self.members.pop(user_id).role == "owner"
        if was_owner and not self.owners():
            oldest = sorted(self.members.values(), key=lambda member: member.came)
            moderators = [member for member in oldest if member.role == "moderator"]
            writers = [member for member in oldest if member.has_written]
            for heir in [*moderators, *writers][:1]:
                heir.role = "owner"
                return
            self.is_archived = True


@dataclass
class Invitation:
    """To a person; or a link with a code, for `uses_left` people or as many as like."""

    room: Room
    inviter: int
    user_id: int | None
    code: str = ""
    uses_left: int | None = None

    @property
    def is_link(self) -> bool:
        return self.user_id is None

    def may_be_removed_by(self, user_id: int) -> bool:
        return user_id in {self.user_id, self.inviter} or self.room.may_moderate(user_id)


@dataclass
class World:
    """`names` are what people are called, by id; `blocks` who blocks whom. `usernames` are of those who are there."""

    names: dict[int, str]
    usernames: dict[int, str]
    rooms: dict[int, Room] = field(default_factory=dict)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    invitations: dict[int, Invitation] = field(default_factory=dict)

    def direct_room(self, one: int, other: int) -> Room | None:
        found = (room for room in self.rooms.values() if room.is_direct and set(room.members) == {one, other})
        return next(found, None)

    def is_closed(self, room: Room) -> bool:
        """Nobody writes there: it is archived, or one of its two people blocks the other."""
        one, *others = room.members
        pairs = {(one, other) for other in others} | {(other, one) for other in others}
        return room.is_archived or (room.is_direct and bool(pairs & self.blocks))

    def end_invitations(self, room: Room, **which: Any) -> None:
        ended = [
            key
            for key, found in self.invitations.items()
            if found.room is room and all(getattr(found, name) == value for name, value in which.items())
        ]
        for key in ended:
            del self.invitations[key]

    def end_void_invitations(self, room: Room) -> None:
        """Those of people who may no longer add others."""
        for inviter in {found.inviter for found in self.invitations.values() if found.room is room}:
            if not room.may_add(inviter):
                self.end_invitations(room, inviter=inviter)

    def archive(self, room: Room) -> None:
        """Invitations of people end; links lead there again once it is restored."""
        room.is_archived = True
        for user_id in self.names:
            self.end_invitations(room, user_id=user_id)

    def end_membership(self, room: Room, user_id: int) -> None:
        """The invitations of who leaves end."""
        self.end_invitations(room, inviter=user_id)
        was_open = not room.is_archived
        room.leave(user_id)
        if was_open and room.is_archived:
            self.archive(room)

    def delete(self, user_id: int) -> None:
        """They stay in direct rooms, without a name; blocks stay, too."""
        self.names[user_id] = ""
        del self.usernames[user_id]
        for room in self.rooms.values():
            room.asking.discard(user_id)
            self.end_invitations(room, user_id=user_id)
            if user_id in room.members and not room.is_direct:
                self.end_membership(room, user_id)

    def mentioned_in(self, text: str, room: Room, sender: int) -> set[int]:
        """The words of a text that are a name of a member, or @room."""
        # Nobody mentions themselves.
        names = {f"@{name}": user_id for user_id, name in self.usernames.items() if user_id in room.members}
        names["@room"] = EVERYBODY
        return {names[word] for word in text.split() if word in names} - {sender}
