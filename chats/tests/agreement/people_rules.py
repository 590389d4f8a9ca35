"""People get other names, and block each other."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chats.tests.agreement.actions import PERSON, Actions


class PeopleRules(Actions):
    @rule(who=PERSON)
    def take_a_name(self, who: int) -> None:
        name = f"name {len(self.story)}"
        self.carry_out(who, f"be called {name}", True, lambda chat: chat.update_profile(display_name=name))
        self.world.names[self.ids[who]] = name

    @rule(who=PERSON, other=PERSON, is_blocked=st.booleans())
    def block(self, who: int, other: int, is_blocked: bool) -> None:
        me, them = self.ids[who], self.ids[other]
        if who == other:
            return
        if is_blocked:
            self.carry_out(who, f"block {other}", True, lambda chat: chat.block(them))
            self.world.blocks.add((me, them))
        else:
            self.carry_out(who, f"unblock {other}", True, lambda chat: chat.unblock(them))
            self.world.blocks.discard((me, them))
