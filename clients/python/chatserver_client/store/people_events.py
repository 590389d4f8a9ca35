"""What events of people change, of blocks, and of invitations."""

from collections.abc import Callable
from typing import cast

from chatserver_client.events import Event
from chatserver_client.store.messages import with_person
from chatserver_client.store.state import State
from chatserver_client.types import Invitation, Message, Person, User

GENERAL_ID = 0


def count_general(state: State, event: Event) -> None:
    """Everybody is in General from the first moment on, where it is switched on."""
    if GENERAL_ID in state.rooms:
        state.due.add(("room", GENERAL_ID))


def change_person(state: State, event: Event) -> None:
    person = cast(Person, event.data)

    def renamed(message: Message) -> Message:
        return with_person(message, person)

    if state.me is not None and person["id"] == state.my_id:
        state.me = cast(User, {**state.me, **person})
    for room in state.rooms.values():
        if room["people"] is not None:
            room["people"] = [person if each["id"] == person["id"] else each for each in room["people"]]
        last = room.get("last_message")
        room["last_message"] = None if last is None else renamed(last)
    for members in state.members.values():
        if person["id"] in members:
            members[person["id"]] = {**members[person["id"]], "user": person}
    for timeline in state.timelines.values():
        timeline.change_all(renamed)
    if state.threads is not None:
        state.threads.change_all(renamed)
    for key, invitation in state.invitations.items():
        if invitation["inviter"]["id"] == person["id"]:
            state.invitations[key] = {**invitation, "inviter": person}


def block(state: State, event: Event) -> None:
    state.blocks.add(event.data["user"]["id"])


def unblock(state: State, event: Event) -> None:
    state.blocks.discard(event.data["user"]["id"])


def choose_visibility(state: State, event: Event) -> None:
    state.is_invisible = event.data["invisible"]


def invite(state: State, event: Event) -> None:
    state.invitations[event.data["id"]] = cast(Invitation, event.data)


def end_invitation(state: State, event: Event) -> None:
    state.invitations.pop(event.data["id"], None)


CHANGES: dict[str, Callable[[State, Event], None]] = {
    "user.created": count_general,
    "user.updated": change_person,
    "visibility.updated": choose_visibility,
    "block.added": block,
    "block.removed": unblock,
    "invitation.created": invite,
    "invitation.removed": end_invitation,
}
