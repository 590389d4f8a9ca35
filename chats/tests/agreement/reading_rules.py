"""People read, mark as unread, and follow threads."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chats.tests.agreement.actions import PERSON, PICK, Actions
from chats.tests.agreement.model import Follower


class ReadingRules(Actions):
    @rule(who=PERSON, pick=PICK)
    def read(self, who: int, pick: int) -> None:
        found = self.message(pick)
        if found is None:
            return
        room, message = found
        who = self.rather(room.members, who, pick)
        may = self.ids[who] in room.members
        what = f"read {room.id} up to {message.seq}"
        self.carry_out(who, what, may, lambda chat: chat.mark_read(room.id, message.seq))
        if may:
            member = room.members[self.ids[who]]
            member.read = max(member.read, message.seq)

    @rule(who=PERSON)
    def read_everything(self, who: int) -> None:
        self.carry_out(who, "read everything", True, lambda chat: chat.mark_all_read())
        for room in self.world.rooms.values():
            if self.ids[who] in room.members:
                room.members[self.ids[who]].read = room.last_seq

    @rule(who=PERSON, pick=PICK)
    def mark_unread(self, who: int, pick: int) -> None:
        found = self.message(pick, is_root=True)
        if found is None:
            return
        room, message = found
        who = self.rather(room.members, who, pick)
        may = room.sees(self.ids[who], message)
        what = f"mark {room.id} as unread from {message.seq} on"
        body = {"unread_from": message.id}
        self.carry_out(who, what, may, lambda chat: chat.request("PUT", "rooms", room.id, "read-marker", json=body))
        if may:
            member = room.members[self.ids[who]]
            member.has_shown = max(member.has_shown, member.read)
            member.read = message.seq - 1

    @rule(who=PERSON, pick=PICK, is_following=st.booleans())
    def follow(self, who: int, pick: int, is_following: bool) -> None:
        found = self.message(pick, is_root=True)
        if found is None:
            return
        room, root = found
        who = self.rather(room.members, who, pick)
        me = self.ids[who]
        if not is_following:
            may = room.sees(me, root)
            self.carry_out(who, f"unfollow {root.id}", may, lambda chat: chat.unfollow_thread(root.id))
            if may and me in root.followers:
                root.followers[me].is_following = False
            return
        may = room.sees(me, root) and root.may_be_replied_to
        self.carry_out(who, f"follow {root.id}", may, lambda chat: chat.follow_thread(root.id))
        if may and not root.is_followed_by(me):
            root.follow(me, 0)
            root.followers[me].read = len(root.replies)

    @rule(who=PERSON, pick=PICK)
    def read_thread(self, who: int, pick: int) -> None:
        found = self.message(pick, is_root=True)
        if found is None:
            return
        room, root = found
        who = self.rather(room.members, who, pick)
        me, seq = self.ids[who], len(root.replies) - pick % 2
        if seq < 1:
            return
        may = room.sees(me, root)
        what = f"read the thread of {root.id} up to {seq}"
        self.carry_out(who, what, may, lambda chat: chat.mark_thread_read(root.id, seq))
        if may:
            mine = root.followers.setdefault(me, Follower(0, is_following=False))
            mine.read = max(mine.read, seq)
