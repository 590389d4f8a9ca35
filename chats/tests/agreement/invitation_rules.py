"""People invite others to rooms, also by links, and ask to join them; all of this is answered, or taken back."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chats.tests.agreement.actions import PERSON, PICK, Actions, chosen
from chats.tests.agreement.model import Invitation


class InvitationRules(Actions):
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
        found = self._invitation(pick, is_link=False)
        if found is None:
            return
        key, invitation = found
        me, room = invitation.user_id, invitation.room
        assert me is not None
        who = self.ids.index(me)
        if is_accepted:
            may = not room.is_archived
            self.carry_out(who, f"accept the invitation {key}", may, lambda chat: chat.accept_invitation(key))
            if may:
                self.enter(room, me)
                self.say(room, me, "member_joined", [me])
        else:
            self.carry_out(who, f"decline the invitation {key}", True, lambda chat: chat.remove_invitation(key))
            del self.world.invitations[key]

    @rule(who=PERSON, pick=PICK, uses=st.sampled_from([None, 1, 2]))
    def make_a_link(self, who: int, pick: int, uses: int | None) -> None:
        room = self.room(pick, is_group=True)
        if room is None:
            return
        who = self.rather(room.owners(), who, pick)
        me = self.ids[who]
        may = room.may_add(me) and not room.is_archived
        what = f"make a link to {room.id} for {uses}"
        made = self.carry_out(who, what, may, lambda chat: chat.make_invitation_link(room.id, uses=uses))
        if made is not None:
            code = made["code"]
            assert code is not None
            self.world.invitations[made["id"]] = Invitation(room, me, None, code, uses)

    @rule(who=PERSON, pick=PICK)
    def follow_a_link(self, who: int, pick: int) -> None:
        found = self._invitation(pick, is_link=True)
        if found is None:
            return
        key, link = found
        room, me = link.room, self.ids[who]
        is_new = me not in room.members
        may = not (is_new and room.is_archived)
        self.carry_out(who, f"follow the link {key}", may, lambda chat: chat.accept_invitation(link.code))
        if may and is_new:
            self.enter(room, me)
            self.say(room, me, "member_joined", [me])
            if link.uses_left is not None:
                link.uses_left -= 1
            if link.uses_left == 0:
                del self.world.invitations[key]

    @rule(who=PERSON, pick=PICK, is_link=st.booleans())
    def revoke(self, who: int, pick: int, is_link: bool) -> None:
        found = self._invitation(pick, is_link=is_link)
        if found is None:
            return
        key, invitation = found
        who = self.rather([invitation.inviter], who, pick)
        may = invitation.may_be_removed_by(self.ids[who])
        self.carry_out(who, f"revoke the invitation {key}", may, lambda chat: chat.remove_invitation(key))
        if may:
            del self.world.invitations[key]

    def _invitation(self, pick: int, *, is_link: bool) -> tuple[int, Invitation] | None:
        found = [(key, each) for key, each in sorted(self.world.invitations.items()) if each.is_link == is_link]
        return chosen(found, pick)

    @rule(who=PERSON, pick=PICK)
    def ask_to_join(self, who: int, pick: int) -> None:
        me = self.ids[who]
        room = self.group_where(lambda room: room.may_be_asked_for and me not in room.members, pick)
        if room is None or me in room.members:
            return
        may = room.may_be_asked_for
        self.carry_out(who, f"ask to join {room.id}", may, lambda chat: chat.ask_to_join(room.id))
        room.asking |= {me} if may else set()

    @rule(who=PERSON, pick=PICK)
    def withdraw(self, who: int, pick: int) -> None:
        room = self.group_where(lambda room: bool(room.asking), pick)
        if room is None:
            return
        who = self.rather(room.asking, who, pick)
        me, may = self.ids[who], room.may_be_asked_for
        self.carry_out(who, f"no longer ask for {room.id}", may, lambda chat: chat.decline_join_request(room.id, me))
        room.asking -= {me} if may else set()

    @rule(who=PERSON, other=PERSON, pick=PICK)
    def decline(self, who: int, other: int, pick: int) -> None:
        room = self.group_where(lambda room: bool(room.asking), pick)
        if room is None:
            return
        who, other = self.rather(room.owners(), who, pick), self.rather(room.asking, other, pick)
        me, them = self.ids[who], self.ids[other]
        if me == them:
            return
        may = room.may_moderate(me)
        what = f"decline that {other} joins {room.id}"
        self.carry_out(who, what, may, lambda chat: chat.decline_join_request(room.id, them))
        room.asking -= {them} if may else set()
