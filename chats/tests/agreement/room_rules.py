"""Rooms are made, changed, archived and restored; people set what they like for themselves there."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chats.tests.agreement.actions import PEOPLE, PERSON, PICK, Actions, chosen
from chats.tests.agreement.model import Room

SETTINGS = st.sampled_from(
    [
        {"posting": "moderators"},
        {"posting": "everyone"},
        {"pinning": "everyone"},
        {"edit_minutes": 0},
        {"edit_minutes": None},
        {"join_requests": True},
        {"join_requests": False},
        {"slow_mode_seconds": 21_600},
        {"slow_mode_seconds": 0},
        {"kind": "open"},
        {"kind": "closed"},
        {"history": "from_joining"},
        {"history": "from_joining"},
        {"history": "all"},
    ]
)
MINE = st.sampled_from(
    [{"notify": "none"}, {"notify": "all"}, {"pinned": True}, {"pinned": False}, {"hidden": True}, {"hidden": False}]
)
MAX_ROOMS = 4


class RoomRules(Actions):
    @rule(who=PERSON, others=st.sets(PERSON, max_size=PEOPLE), kind=st.sampled_from(["open", "closed"]))
    def create(self, who: int, others: set[int], kind: str) -> None:
        if len(self.world.rooms) < MAX_ROOMS:
            people = [self.ids[other] for other in sorted(others - {who})]
            made = self.carry_out(
                who, f"make a room with {people}", True, lambda chat: chat.create_room("new", kind=kind, members=people)
            )
            assert made is not None
            room = self.world.rooms[made["id"]] = Room(made["id"], kind, "new", {})
            for user_id in sorted([self.ids[who], *people]):
                room.enter(user_id, "owner" if user_id == self.ids[who] else "member")

    @rule(who=PERSON, pick=PICK)
    def rename(self, who: int, pick: int) -> None:
        room = self.room(pick)
        if room is None:
            return
        who, name = self.rather(room.owners(), who, pick), f"name {len(self.story)}"
        may = room.may_moderate(self.ids[who]) and not room.is_archived
        self.carry_out(who, f"rename {room.id}", may, lambda chat: chat.update_room(room.id, name=name))
        if may:
            room.name = name
            self.say(room, self.ids[who], "room_renamed", name)

    @rule(who=PERSON, pick=PICK, changes=SETTINGS)
    def change(self, who: int, pick: int, changes: dict[str, Any]) -> None:
        room = self.room(pick)
        if room is None:
            return
        who = self.rather(room.owners(), who, pick)
        may = self.ids[who] in room.owners()
        if changes.keys() <= {"slow_mode_seconds", "kind"} and (room.kind, changes.get("kind")) != ("closed", "open"):
            may = room.may_moderate(self.ids[who])
        may = may and not room.is_archived
        self.carry_out(who, f"set {changes} in {room.id}", may, lambda chat: chat.update_room(room.id, **changes))
        if may:
            room.posting = changes.get("posting", room.posting)
            room.pinning = changes.get("pinning", room.pinning)
            room.kind = changes.get("kind", room.kind)
            room.is_slow = changes.get("slow_mode_seconds", 21_600 if room.is_slow else 0) > 0
            room.takes_requests = changes.get("join_requests", room.takes_requests)
            room.shows_history = changes.get("history", "all" if room.shows_history else "from_joining") == "all"
            self.world.end_void_invitations(room)
            room.takes_edits = changes.get("edit_minutes", None if room.takes_edits else 0) is None

    @rule(who=PERSON, pick=PICK)
    def archive(self, who: int, pick: int) -> None:
        room = self.room(pick)
        # Not so often that most rooms are.
        if room is None or pick % 3:
            return
        who = self.rather(room.owners(), who, pick)
        may = self.ids[who] in room.owners() and not room.is_archived
        self.carry_out(who, f"archive {room.id}", may, lambda chat: chat.archive_room(room.id))
        if may:
            self.world.archive(room)

    @rule(who=PERSON, pick=PICK)
    def restore(self, who: int, pick: int) -> None:
        archived = [room for room in self.world.rooms.values() if room.is_archived]
        room = chosen(archived, pick) or self.room(pick)
        if room is None:
            return
        who = self.rather(room.owners(), who, pick)
        may = self.ids[who] in room.owners()
        self.carry_out(who, f"restore {room.id}", may, lambda chat: chat.update_room(room.id, archived=False))
        room.is_archived = room.is_archived and not may

    @rule(who=PERSON, pick=PICK, changes=MINE)
    def set_mine(self, who: int, pick: int, changes: dict[str, Any]) -> None:
        room = self.room(pick)
        if room is None:
            return
        who = self.rather(room.members, who, pick)
        may = self.ids[who] in room.members
        what = f"set {changes} for themselves in {room.id}"
        self.carry_out(who, what, may, lambda chat: chat.update_my_settings(room.id, **changes))
        if may:
            member = room.members[self.ids[who]]
            member.notify = changes.get("notify", member.notify)
            member.is_pinned = changes.get("pinned", member.is_pinned)
            if "hidden" in changes:
                member.hidden_at = len(room.texts) if changes["hidden"] else None
