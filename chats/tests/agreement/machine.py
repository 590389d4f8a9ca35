"""People who do everything that can be done, and clients of each, which must all see the same.

That the model, clients and server agree is looked at after some steps; at the end with clients that start cold, too.
Nobody goes invisible: who is online is ephemeral, so events and answers need not agree on it.
"""

from contextlib import suppress
from typing import Any

from chatserver_client import ChatClient
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chats.tests.agreement.actions import PEOPLE, PERSON, PICK
from chats.tests.agreement.followers import Follower, JavaScriptFollower, whole_state
from chats.tests.agreement.invitation_rules import InvitationRules
from chats.tests.agreement.member_rules import MemberRules
from chats.tests.agreement.message_rules import MessageRules
from chats.tests.agreement.model import World
from chats.tests.agreement.people_rules import PeopleRules
from chats.tests.agreement.reading_rules import ReadingRules
from chats.tests.agreement.room_rules import RoomRules
from chats.tests.agreement.views import (
    View,
    by_model,
    by_parts,
    by_store,
    differences,
    invitations_to,
    told_invitations,
)
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

# Of what people do, between two times that all have to agree.
STEPS_APART = 12
UNSETTLED = "SELECT FROM rooms_exclusion WHERE user_id = %s"
MARK = "SELECT position FROM events_event WHERE type = 'user.updated' AND body::jsonb ->> 'display_name' = %s"


class Agreement(
    MessageRules, ReadingRules, RoomRules, MemberRules, InvitationRules, PeopleRules, RuleBasedStateMachine
):
    """`service` runs for all examples; `backend` makes people there, and marks positions in the log by its name."""

    service: Service
    backend: ChatClient
    has_javascript = False
    marks = 0
    people = 0

    def __init__(self) -> None:
        super().__init__()
        self.story, self.is_sound = [], True
        self.world = World({}, {})
        self._steps = 0
        self.ids, self.chats, self._tokens = [], [], []
        self._always: list[Follower] = []
        self._sometimes: list[Follower] = []
        self._in_javascript: list[JavaScriptFollower] = []
        for place in range(PEOPLE):
            self._come(place)
        self.create(0, {1, 2}, "open")
        self.create(1, {0, 2}, "closed")
        # Who comes to the second one, maybe by asking for it, sees what is written from then on.
        self.change(1, 1, {"history": "from_joining"})
        self.change(1, 1, {"join_requests": True})
        self.post_to_a_person(2, 3)

    def _come(self, place: int) -> None:
        """A new person takes this place, with their clients."""
        type(self).people += 1
        name = f"p{self.people}"
        person = self.backend.put_user(name, display_name=f"person {name}")
        self.world.names[person["id"]], self.world.usernames[person["id"]] = person["display_name"], person["username"]
        token = self.backend.create_token(person["id"])["token"]
        _put(self.ids, place, person["id"])
        _put(self._tokens, place, token)
        _put(self.chats, place, ChatClient(self.service.url, token))
        _put(self._always, place, Follower(self.service, token).load())
        _put(self._sometimes, place, Follower(self.service, token).load())
        if self.has_javascript:
            _put(self._in_javascript, place, JavaScriptFollower(self.service, token))

    @rule(who=PERSON, other=PERSON, pick=PICK)
    def slow_down(self, who: int, other: int, pick: int) -> None:
        """Somebody writes twice in a slow mode, which a room now and then keeps."""
        self.change(who, pick, {"slow_mode_seconds": 21_600})
        self.post(other, pick, "hello")
        self.post(other, pick, "well, well")
        if pick % 3:
            self.change(who, pick, {"slow_mode_seconds": 0})

    @rule(who=PERSON, pick=PICK)
    def delete_account(self, who: int, pick: int) -> None:
        """Somebody new acts in their place. Not so often that few are known."""
        if pick % 6:
            return
        me = self.ids[who]
        self.carry_out(who, "delete the account", True, lambda chat: chat.request("DELETE", "users"))
        self.world.delete(me)
        wait_for(lambda: not self.service.sql(UNSETTLED, me), what="the end of their memberships")
        for each in self._clients_of(who):
            each.close()
        self._come(who)

    def _clients_of(self, place: int) -> list[ChatClient | Follower | JavaScriptFollower]:
        return [self.chats[place], self._always[place], self._sometimes[place], *self._in_javascript[place : place + 1]]

    @invariant()
    def agree(self) -> None:
        """Now and then half of them hang up; all that follow catch up, and hold what the model says."""
        self._steps += 1
        if self._steps % STEPS_APART:
            return
        leaving = range(self._steps // STEPS_APART % 2, PEOPLE, 2)
        for place in leaving:
            self._sometimes[place].leave()
        self._catch_up()
        for client in [each for place, each in enumerate(self._in_javascript) if place in leaving]:
            client.leave()
        self.story.append(f"all agree; {[*leaving]} had hung up")

    def _catch_up(self) -> None:
        position = self._mark()
        for place, user_id in enumerate(self.ids):
            expected = by_model(self.world, user_id)
            for kind, follower in (("stayed", self._always[place]), ("came and went", self._sometimes[place])):
                follower.read_until(position)
                follower.open_rooms()
                self._compare(f"{place}, who {kind}", by_store(follower.store), expected)

        for place, client in enumerate(self._in_javascript):
            self._compare_soon(f"{place}, in JavaScript", client, by_model(self.world, self.ids[place]))

    def _compare_soon(self, who: str, client: JavaScriptFollower, expected: View) -> None:
        """It comes back, fetches some rooms anew a moment later, and does not say when it is done.

        It keeps no list of threads: what messages say of theirs is compared.
        """
        del expected["threads"]
        with suppress(AssertionError):
            wait_for(lambda: by_parts(**client.parts()) == expected)
        self._compare(who, by_parts(**client.parts()), expected)

    def _mark(self) -> int:
        """Everybody hears a new name of the backend, after all that was there before. Its position in the log."""
        type(self).marks += 1
        name = f"mark {self.marks}"
        self.backend.update_profile(display_name=name)
        ((position,),) = wait_for(lambda: self.service.sql(MARK, name), what="the mark in the log")
        return position

    def teardown(self) -> None:
        try:
            if self.is_sound:
                self._catch_up()
                self._start_cold()
        finally:
            for place in range(PEOPLE):
                for each in self._clients_of(place):
                    each.close()

    def _start_cold(self) -> None:
        for place, token in enumerate(self._tokens):
            cold = Follower(self.service, token)
            try:
                fresh = whole_state(cold.load().store)
                self._compare(f"{place}, cold", by_store(cold.store), by_model(self.world, self.ids[place]))
                unread = cold.chat.unread()
                assert (unread["total"], unread["mentions"]) == fresh["unread"]
                self._compare_what_no_client_holds(place, cold.chat)
            finally:
                cold.close()
            for follower in (self._always[place], self._sometimes[place]):
                self._compare(f"{place}, not cold", whole_state(follower.store), fresh)

    def _compare_what_no_client_holds(self, place: int, chat: ChatClient) -> None:
        """Who asks to join rooms, and who is invited there."""
        me = self.ids[place]
        for room in self.world.rooms.values():
            if room.may_moderate(me):
                asking = {each["user"]["id"] for each in chat.join_requests(room.id)}
                self._compare(f"{place}, of those who ask for {room.id},", asking, room.asking)
            if room.may_add(me) and not room.is_direct:
                told = told_invitations(chat.room_invitations(room.id), self.world)
                self._compare(f"{place}, of invitations to {room.id},", told, invitations_to(room, self.world))

    def _compare(self, who: str, found: object, expected: object) -> None:
        wrong = differences(found, expected)
        self.is_sound = not wrong
        assert not wrong, "\n".join([*self.story, f"{who} sees otherwise:", *wrong])


def _put(things: list[Any], place: int, thing: Any) -> None:
    """In place of the one that was there, or as the next one."""
    things[place : place + 1] = [thing]
