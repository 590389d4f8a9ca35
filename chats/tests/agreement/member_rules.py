"""People enter rooms and leave them, in all ways, and get roles."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chats.tests.agreement.actions import PERSON, PICK, Actions, chosen
from chats.tests.agreement.model import Invitation, Room

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
            self._enter(room, me, may)
            if may:
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
            self._enter(room, them, may)
            self.say(room, self.ids[who], "members_added", [them])
            room.leavers |= {them} if had_left else set()

    def _enter(self, room: Room, user_id: int, may: bool) -> None:
        if may:
            room.enter(user_id)
            room.leavers.discard(user_id)
            self.world.end_invitations(room, user_id=user_id)

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
            self.world.end_invitations(room, inviter=them)
            was_open = not room.is_archived
            room.leave(them)
            if was_open and room.is_archived:
                self.world.archive(room)
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

    @rule(who=PERSON, other=PERSON, pick=PICK)
    def invite(self, who: int, other: int, pick: int) -> None:
        room = self.room(pick, is_group=True)
        if room is None or self.ids[other] in room.members:
            return
        who = self.rather(room.owners(), who, pick)
        me, them = self.ids[who], self.ids[other]
        may = room.may_add(me) and not room.is_archived and not self.world.blocks & {(me, them), (them, me)}
        made = self.carry_out(who, f"invite {other} to {room.id}", may, lambda chat: chat.invite(room.id, them))
        if made is not None:
            self.world.invitations.setdefault(made["id"], Invitation(room, me, them))

    @rule(pick=PICK, is_accepted=st.booleans())
    def answer_an_invitation(self, pick: int, is_accepted: bool) -> None:
        key = chosen(sorted(self.world.invitations), pick)
        if key is None:
            return
        invitation = self.world.invitations[key]
        who, room = self.ids.index(invitation.user_id), invitation.room
        if is_accepted:
            may = room.may_add(invitation.inviter) and not room.is_archived
            self.carry_out(who, f"accept the invitation {key}", may, lambda chat: chat.accept_invitation(key))
            self._enter(room, invitation.user_id, may)
            if may:
                self.say(room, invitation.user_id, "member_joined", [invitation.user_id])
        else:
            self.carry_out(who, f"decline the invitation {key}", True, lambda chat: chat.remove_invitation(key))
            del self.world.invitations[key]

    @rule(who=PERSON, pick=PICK)
    def ask_to_join(self, who: int, pick: int) -> None:
        room = self.room(pick, is_group=True)
        me = self.ids[who]
        if room is None or me in room.members:
            return
        may = room.kind == "closed" and room.takes_requests and not room.is_archived
        self.carry_out(who, f"ask to join {room.id}", may, lambda chat: chat.ask_to_join(room.id))
        room.asking |= {me} if may else set()
