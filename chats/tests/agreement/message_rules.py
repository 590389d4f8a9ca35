"""Messages are posted, edited, removed, reacted to, and pinned."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chats.tests.agreement.actions import PERSON, PICK, Actions, chosen
from chats.tests.agreement.model import EVERYBODY, Message, Room

EMOJI = ["👍", "❤️", ":shipit:"]
# {0} and {1} are names of people.
TEXTS = st.sampled_from(["hello", "well, well", "@{0} look", "@room hear", "@{0} @{1} and @room"])


class MessageRules(Actions):
    @rule(who=PERSON, pick=PICK, text=TEXTS)
    def post(self, who: int, pick: int, text: str) -> None:
        room = self.room(pick)
        if room is not None:
            who = self.rather(room.members, who, pick)
            self._post(who, room, self._named(text, pick), None)

    @rule(who=PERSON, pick=PICK, text=TEXTS)
    def reply(self, who: int, pick: int, text: str) -> None:
        found = self.message(pick, is_root=True)
        if found is not None:
            who = self.rather(found[0].members, who, pick)
            self._post(who, found[0], self._named(text, pick), found[1])

    @rule(who=PERSON, other=PERSON)
    def post_to_a_person(self, who: int, other: int) -> None:
        me, them = self.ids[who], self.ids[other]
        room = self.world.direct_room(me, them)
        if who == other or room is not None:
            return
        may = not self.world.blocks & {(me, them), (them, me)}
        sent = self.carry_out(who, f"write to {other}", may, lambda chat: chat.send_message("hi", user_id=them))
        if sent is not None:
            room = self.world.rooms[sent["room_id"]] = Room(sent["room_id"], "direct", "", {})
            for user_id in sorted((me, them)):
                room.enter(user_id)
            self._add(room, sent, me, "hi", None)

    def _named(self, text: str, pick: int) -> str:
        names = list(self.world.usernames.values())
        return text.format(chosen(names, pick), chosen(names, pick + 1))

    def _post(self, who: int, room: Room, text: str, root: Message | None) -> None:
        me = self.ids[who]
        may = room.may_post(me) and not room.has_to_wait(me) and not self.world.is_closed(room)
        may = may and (root is None or (room.sees(me, root) and root.may_be_replied_to))
        parent = None if root is None else root.id
        sent = self.carry_out(
            who,
            f"say {text!r} in {room.id}, in reply to {parent}",
            may,
            lambda chat: chat.send_message(text, room_id=room.id, parent_id=parent),
        )
        if sent is not None:
            self._add(room, sent, me, text, root)

    def _add(self, room: Room, sent: Any, me: int, text: str, root: Message | None) -> None:
        mentioned = self.world.mentioned_in(text, room, me)
        message = Message(sent["id"], room.last_seq + 1, me, text, mentioned, root)
        assert sent["seq"] == message.seq
        room.messages.append(message)
        room.members[me].has_written = room.members[me].wrote_lately = True
        if root is None:
            room.members[me].read = message.seq
            return
        root.replies.append(message)
        root.follow(me, 0)
        root.followers[me].read = len(root.replies)
        mentioned_now = mentioned | (root.mentioned if len(root.replies) == 1 else set())
        for user_id in mentioned_now - {me}:
            if room.sees(user_id, root):
                root.follow(user_id, len(root.replies) - 1)
        if len(root.replies) == 1 and room.sees(root.sender, root) and root.sender not in root.followers:
            root.follow(root.sender, 0)

    @rule(who=PERSON, pick=PICK, text=TEXTS)
    def edit(self, who: int, pick: int, text: str) -> None:
        found = self.message(pick)
        if found is None:
            return
        room, message = found
        who = self.rather([message.sender], who, pick)
        me, text = self.ids[who], self._named(text, pick) + " (edited)"
        may = me == message.sender and room.sees(me, message) and room.may_post(me)
        may = may and not message.is_removed and message.says is None
        may = may and not self.world.is_closed(room) and (room.takes_edits or message.text == text)
        told = self.carry_out(
            who, f"edit {message.id}: {text!r}", may, lambda chat: chat.edit_message(message.id, text)
        )
        if told is None or message.text == text:
            return
        message.text, message.version = text, message.version + 1
        message.mentioned = self.world.mentioned_in(text, room, me)
        if message.root is not None:
            place = message.root.replies.index(message)
            for user_id in message.mentioned - {EVERYBODY, me}:
                if room.sees(user_id, message):
                    message.root.follow(user_id, place)

    @rule(who=PERSON, pick=PICK)
    def remove(self, who: int, pick: int) -> None:
        found = self.message(pick)
        if found is None:
            return
        room, message = found
        who = self.rather([message.sender, *room.owners()], who, pick)
        me = self.ids[who]
        may = room.sees(me, message) and (room.may_moderate(me) or (message.sender == me and message.says is None))
        self.carry_out(who, f"remove {message.id}", may, lambda chat: chat.remove_message(message.id))
        if may and not message.is_removed:
            message.is_removed, message.text, message.version = True, "", message.version + 1
            message.mentioned, message.reactions, message.pinned_by = set(), {}, None

    @rule(who=PERSON, pick=PICK, emoji=st.sampled_from(EMOJI), is_added=st.booleans())
    def react(self, who: int, pick: int, emoji: str, is_added: bool) -> None:
        found = self.message(pick)
        if found is None:
            return
        room, message = found
        who = self.rather(room.members, who, pick)
        may = room.sees(self.ids[who], message) and not self.world.is_closed(room)
        people = message.reactions.setdefault(emoji, set())
        if is_added:
            may = may and not message.is_removed and message.says is None
            self.carry_out(who, f"react to {message.id}: {emoji}", may, lambda chat: chat.react(message.id, emoji))
            people |= {self.ids[who]} if may else set()
        else:
            what = f"take {emoji} back from {message.id}"
            self.carry_out(who, what, may, lambda chat: chat.remove_reaction(message.id, emoji))
            people -= {self.ids[who]} if may else set()

    @rule(who=PERSON, pick=PICK, is_pinned=st.booleans())
    def pin(self, who: int, pick: int, is_pinned: bool) -> None:
        found = self.message(pick)
        if found is None:
            return
        room, message = found
        who = self.rather(room.owners() or room.members, who, pick)
        me = self.ids[who]
        may = room.sees(me, message) and not self.world.is_closed(room)
        may = may and (room.is_direct or room.pinning == "everyone" or room.may_moderate(me))
        if is_pinned:
            may = may and not message.is_removed and message.says is None
            self.carry_out(who, f"pin {message.id}", may, lambda chat: chat.pin(message.id))
        else:
            self.carry_out(who, f"unpin {message.id}", may, lambda chat: chat.unpin(message.id))
        if may and (message.pinned_by is not None) != is_pinned:
            message.pinned_by, message.version = me if is_pinned else None, message.version + 1
