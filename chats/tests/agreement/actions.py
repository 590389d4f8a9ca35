"""What people do over the API, in the model at the same time. The model says, too, whether they may."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from chatserver_client import ChatClient, ChatError
from hypothesis import strategies as st

from chats.tests.agreement.model import Message, Room, World
from chatserver.tests.harness.service import Service

PEOPLE = 4
PERSON = st.integers(0, PEOPLE - 1)
# Chooses one of those that are there.
PICK = st.integers(0, 23)
Found = TypeVar("Found")


class Actions:
    """`ids` and `chats` are of the people, `story` what they did. It `is_sound` while nothing was wrong."""

    service: Service
    world: World
    ids: list[int]
    chats: list[ChatClient]
    story: list[str]
    is_sound: bool

    def carry_out(self, who: int, what: str, may: bool, call: Callable[[ChatClient], Found]) -> Found | None:
        """The answer; None where it was refused. The model must have said so."""
        name = self.world.usernames[self.ids[who]]
        self.story.append(f"{name}: {what}" + ("" if may else " (refused)"))
        answer = error = None
        try:
            answer = call(self.chats[who])
        except ChatError as refusal:
            error = refusal
        self.is_sound = may == (error is None) and (error is None or error.status < 500)
        assert self.is_sound, "\n".join([*self.story, f"the model says {may}, the server {error or 'yes'}"])
        return answer

    def say(self, room: Room, actor: int, action: str, about: str | list[int]) -> None:
        """The room says what somebody did. Its message is not in their answer, so its id is looked up."""
        seq = room.last_seq + 1
        ((message_id,),) = self.service.sql(
            "SELECT id FROM chats_message WHERE room_id = %s AND seq = %s", room.id, seq
        )
        room.messages.append(Message(message_id, seq, actor, "", set(), says=(action, about)))

    def enter(self, room: Room, user_id: int) -> None:
        """They are a member now."""
        room.enter(user_id)
        room.leavers.discard(user_id)
        self.world.end_invitations(room, user_id=user_id)

    def rather(self, candidates: Iterable[int], who: int, pick: int) -> int:
        """The place of one who may probably do it, or now and then of anybody."""
        places = [place for place, user_id in enumerate(self.ids) if user_id in set(candidates)]
        return places[who % len(places)] if places and pick % 5 else who

    def room(self, pick: int, *, is_group: bool = False) -> Room | None:
        """One of all rooms."""
        return chosen([room for room in self.world.rooms.values() if not (is_group and room.is_direct)], pick)

    def group_where(self, is_apt: Callable[[Room], bool], pick: int) -> Room | None:
        """One of the groups where it may probably be done, or now and then one of all."""
        apt = [room for room in self.world.rooms.values() if not room.is_direct and is_apt(room)]
        return chosen(apt, pick) if apt and pick % 5 else self.room(pick, is_group=True)

    def message(self, pick: int, *, is_root: bool = False) -> tuple[Room, Message] | None:
        """One of all messages, more often one of the last."""
        found = [
            (room, message)
            for room in self.world.rooms.values()
            for message in (room.history if is_root else room.messages)
        ]
        return chosen(sorted(found, key=lambda each: -each[1].id), pick)


def chosen(things: list[Any], pick: int) -> Any:
    return things[pick % len(things)] if things else None
