"""Somebody who joined a room that shows its history from joining on."""

from typing import NamedTuple

from chats.actions.messages import send_message
from chats.models import Message
from rooms.actions.members import add_members, remove_member
from rooms.actions.rooms import create_room
from rooms.models import Kind, Membership, Room
from users.models import User

THUMB = "reactions/%F0%9F%91%8D/"


class Story(NamedTuple):
    """Charlie wrote, left, and came back. `hidden` are their question, and the replies to it from before and since."""

    room: Room
    hidden: list[Message]
    seen: list[Message]

    @property
    def url(self) -> str:
        return f"/api/v1/rooms/{self.room.pk}/"


def tell_story(alice: User, bob: User, charlie: User) -> Story:
    room = create_room(alice, [bob, charlie], name="Launch", kind=Kind.CLOSED, history="from_joining")

    def say(sender: User, text: str, parent: Message | None = None) -> Message:
        return send_message(sender, room.pk, text, parent_id=parent and parent.pk)[0]

    say(alice, "hello")
    question = say(charlie, "What shall we eat?")
    soup = say(bob, "Soup.", question)
    owner, member = Membership.objects.get(room=room, user=alice), Membership.objects.get(room=room, user=charlie)
    remove_member(owner, member)
    add_members(owner, [charlie])
    news = say(alice, "@charlie, there is news.")
    bread = say(bob, "Bread, @charlie.", question)
    return Story(room, [question, soup, bread], [news, say(bob, "Good.", news)])
