"""People who do everything that can be done, and clients of each, which must all see the same.

That the model, clients and server agree is looked at after some steps; at the end with clients that start cold, too.
"""

from contextlib import suppress

from chatserver_client import ChatClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from chats.tests.agreement.actions import PEOPLE
from chats.tests.agreement.followers import Follower, JavaScriptFollower, whole_state
from chats.tests.agreement.member_rules import MemberRules
from chats.tests.agreement.message_rules import MessageRules
from chats.tests.agreement.model import World
from chats.tests.agreement.people_rules import PeopleRules
from chats.tests.agreement.reading_rules import ReadingRules
from chats.tests.agreement.room_rules import RoomRules
from chats.tests.agreement.views import View, by_model, by_parts, by_store, differences
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

MARK = "SELECT position FROM events_event WHERE type = 'user.updated' AND body::jsonb ->> 'display_name' = %s"


class Agreement(MessageRules, ReadingRules, RoomRules, MemberRules, PeopleRules, RuleBasedStateMachine):
    """`service` runs for all examples; `backend` makes people there, and marks positions in the log by its name."""

    service: Service
    backend: ChatClient
    has_javascript = False
    marks = 0
    examples = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).examples += 1
        self.story, self.is_sound = [], True
        names = [f"{self.examples}-{place}" for place in range(PEOPLE)]
        people = [self.backend.put_user(name, display_name=f"person {name}") for name in names]
        self.ids = [person["id"] for person in people]
        tokens = [self.backend.create_token(user_id)["token"] for user_id in self.ids]
        self.chats = [ChatClient(self.service.url, token) for token in tokens]
        self.world = World(
            {person["id"]: person["display_name"] for person in people},
            {person["id"]: person["username"] for person in people},
        )
        self._tokens = tokens
        self._always = [Follower(self.service, token).load() for token in tokens]
        self._sometimes = [Follower(self.service, token).load() for token in tokens]
        self._in_javascript = (
            [JavaScriptFollower(self.service, token) for token in tokens] if self.has_javascript else []
        )
        self.create(0, {1, 2}, "open")
        self.create(1, {0, 2}, "closed")
        # Whoever comes to the second one sees what is written from then on.
        self.change(1, 1, {"history": "from_joining"})
        self.post_to_a_person(2, 3)

    @rule(leaving=st.sets(st.integers(0, PEOPLE - 1)))
    def agree(self, leaving: set[int]) -> None:
        """Some hang up; all that follow catch up, and hold what the model says."""
        for place in leaving:
            self._sometimes[place].leave()
        self._catch_up()
        self.story.append(f"all agree; {leaving} had hung up")

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
        """It fetches some rooms anew a moment later, and does not say when it is done."""
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
            for each in [*self._always, *self._sometimes, *self.chats, *self._in_javascript]:
                each.close()

    def _start_cold(self) -> None:
        for place, token in enumerate(self._tokens):
            cold = Follower(self.service, token)
            try:
                fresh = whole_state(cold.load().store)
                self._compare(f"{place}, cold", by_store(cold.store), by_model(self.world, self.ids[place]))
                unread = cold.chat.unread()
                assert (unread["total"], unread["mentions"]) == fresh["unread"]
            finally:
                cold.close()
            for follower in (self._always[place], self._sometimes[place]):
                self._compare(f"{place}, not cold", whole_state(follower.store), fresh)

    def _compare(self, who: str, found: object, expected: object) -> None:
        wrong = differences(found, expected)
        self.is_sound = not wrong
        assert not wrong, "\n".join([*self.story, f"{who} sees otherwise:", *wrong])
