"""People join rooms, are added, leave and are removed, and get roles."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chats.tests.agreement.actions import PERSON, PICK, Actions

ROLES = ["owner", "moderator", "member"]


class MemberRules(Actions):
    @rule(who=PERSON, pick=PICK)
    def join(self, who: int, pick: int) -> None:
        room = self.room(pick, is_group=True)
        if room is None:
            return
        me = self.ids[who]
        may = me in room.members or (room.kind == "open" and not room.is_archived)
        if me not in room.members:
            self.carry_out(who, f"join {room.id}", may, lambda chat: chat.add_members(room.id, [me]))
            if may:
                self.enter(room, me)
                self.say(room, me, "member_joined", [me])

    @rule(who=PERSON, other=PERSON, pick=PICK)
    def add(self, who: int, other: int, pick: int) -> None:
        room = self.room(pick, is_group=True)
        them = self.ids[other]
        if room is None or who == other or them in room.members:
            return
        who = self.rather(room.owners(), who, pick)
        may = room.may_add(self.ids[who]) and not room.is_archived
        may = may and (them not in room.leavers or them in room.asking)
        self.carry_out(who, f"add {other} to {room.id}", may, lambda chat: chat.add_members(room.id, [them]))
        if may:
            had_left = them in room.leavers
            self.enter(room, them)
            self.say(room, self.ids[who], "members_added", [them])
            room.leavers |= {them} if had_left else set()

    @rule(who=PERSON, other=PERSON, pick=PICK)
    def remove_member(self, who: int, other: int, pick: int) -> None:
        room = self.room(pick, is_group=True)
        who = who if room is None or pick % 2 else self.rather(room.owners(), who, pick)
        me, them = self.ids[who], self.ids[other]
        if room is None or me not in room.members or them not in room.members:
            return
        ranks = (room.members[me].role, room.members[them].role)
        may = who == other or ranks[0] == "owner" or ranks == ("moderator", "member")
        self.carry_out(who, f"remove {other} from {room.id}", may, lambda chat: chat.remove_member(room.id, them))
        if may:
            room.leavers |= {them} if who == other else set()
            self.world.end_membership(room, them)
            if not room.is_archived:
                self.say(room, me, "member_left" if who == other else "member_removed", [them])

    @rule(who=PERSON, other=PERSON, pick=PICK, role=st.sampled_from(ROLES))
    def give_role(self, who: int, other: int, pick: int, role: str) -> None:
        room = self.room(pick, is_group=True)
        them = self.ids[other]
        if room is None or them not in room.members:
            return
        who = self.rather(room.owners(), who, pick)
        is_last = room.owners() == [them] and role != "owner"
        may = self.ids[who] in room.owners() and not room.is_archived and not is_last
        body = {"role": role}
        self.carry_out(
            who,
            f"make {other} {role} of {room.id}",
            may,
            lambda chat: chat.request("PATCH", "rooms", room.id, "members", them, json=body),
        )
        if may:
            room.members[them].role = role
            self.world.end_void_invitations(room)
