"""Messages and what hangs on them: reactions, pins, threads, and what is read."""

import uuid
from collections.abc import AsyncIterator
from typing import cast

from chatserver_client._async.base import MAX_PAGE, AsyncBase
from chatserver_client._async.transport import path_of
from chatserver_client.types import (
    EarlierText,
    FollowedThread,
    Following,
    Json,
    Message,
    Person,
    Reaction,
    ReadMarker,
    Unread,
)


class AsyncMessagesApi(AsyncBase):
    """Messages in a person's rooms."""

    async def send_message(
        self,
        text: str,
        *,
        room_id: int | None = None,
        user_id: int | None = None,
        parent_id: int | None = None,
        metadata: Json | None = None,
        client_message_id: str | None = None,
    ) -> Message:
        """Post to a room, or to a person; with `parent_id` into the thread of that message.

        `metadata` is a JSON object of your own. What has the same `client_message_id` is posted once.
        """
        body: Json = {"message": text, "client_message_id": client_message_id or str(uuid.uuid4())}
        body |= {} if parent_id is None else {"parent_id": parent_id}
        body |= {} if metadata is None else {"metadata": metadata}
        body |= {"user_id": user_id} if room_id is None else {"room_id": room_id}
        path = path_of("chats")
        return cast(Message, await self._transport.request("POST", path, json=body, is_repeatable=True))

    async def messages(self, room_id: int, *, before: int | None = None) -> AsyncIterator[Message]:
        """The messages of a room from the newest to the oldest, or from before a `seq` on. Pages are read as needed."""
        while True:
            params = {"limit": MAX_PAGE} | ({} if before is None else {"before": before})
            page = await self.request("GET", "rooms", room_id, "messages", **params)
            for message in reversed(page["results"]):
                yield cast(Message, message)
            if page["previous"] is None:
                return
            before = page["previous"]

    async def message(self, message_id: int) -> Message:
        return cast(Message, await self.request("GET", "messages", message_id))

    async def edit_message(self, message_id: int, text: str, *, version: int | None = None) -> Message:
        """Change the text of my message; with `version` only where it still has it, else ChatError 412."""
        body: Json = {"message": text, "version": version}
        return cast(Message, await self.request("PATCH", "messages", message_id, json=body))

    async def remove_message(self, message_id: int) -> None:
        """Remove my message, or, as an owner or a moderator of its room, anybody's."""
        await self.request("DELETE", "messages", message_id)

    async def react(self, message_id: int, emoji: str) -> None:
        """An emoji, or a short code such as ":shipit:". To do it again changes nothing."""
        await self.request("PUT", "messages", message_id, "reactions", emoji)

    async def remove_reaction(self, message_id: int, emoji: str) -> None:
        await self.request("DELETE", "messages", message_id, "reactions", emoji)

    async def reactions(self, message_id: int) -> AsyncIterator[Reaction]:
        """Who reacted, the first ones first."""
        async for reaction in self._pages("messages", message_id, "reactions"):
            yield cast(Reaction, reaction)

    async def readers(self, message_id: int) -> AsyncIterator[Person]:
        """Who has read a message, in rooms of up to 100 members."""
        async for person in self._pages("messages", message_id, "readers"):
            yield cast(Person, person)

    async def pin(self, message_id: int) -> None:
        """Pin a message for everybody in its room, where I may."""
        await self.request("PUT", "messages", message_id, "pin")

    async def unpin(self, message_id: int) -> None:
        await self.request("DELETE", "messages", message_id, "pin")

    async def pinned_messages(self, room_id: int) -> AsyncIterator[Message]:
        """The pinned messages of a room, oldest to newest."""
        async for message in self._pages("rooms", room_id, "pins"):
            yield cast(Message, message)

    async def earlier_texts(self, message_id: int) -> AsyncIterator[EarlierText]:
        """What an edited message said before, for moderators, where the server keeps it."""
        async for earlier in self._pages("messages", message_id, "edits"):
            yield cast(EarlierText, earlier)

    async def replies(self, message_id: int) -> AsyncIterator[Message]:
        """The replies in the thread of a message, the first ones first."""
        async for reply in self._pages("messages", message_id, "replies"):
            yield cast(Message, reply)

    async def threads(self, *, unread: bool = False) -> AsyncIterator[FollowedThread]:
        """The threads that I follow, the latest reply first; with `unread` only those with unread replies."""
        async for thread in self._pages("threads", **({"unread": "true"} if unread else {})):
            yield cast(FollowedThread, thread)

    async def follow_thread(self, message_id: int) -> Following:
        return cast(Following, await self.request("PUT", "messages", message_id, "follow"))

    async def unfollow_thread(self, message_id: int) -> None:
        await self.request("DELETE", "messages", message_id, "follow")

    async def mark_thread_read(self, message_id: int, seq: int) -> Following:
        """I have read the thread up to this `thread_seq`."""
        path = ("messages", message_id, "thread-read-marker")
        return cast(Following, await self.request("PUT", *path, json={"seq": seq}))

    async def mark_read(self, room_id: int, seq: int) -> ReadMarker:
        """I have read up to this message."""
        return cast(ReadMarker, await self.request("PUT", "rooms", room_id, "read-marker", json={"seq": seq}))

    async def mark_unread_from(self, message: Message) -> ReadMarker:
        """This message is to be the first one of its room that is unread."""
        body = {"unread_from": message["id"]}
        return cast(ReadMarker, await self.request("PUT", "rooms", message["room_id"], "read-marker", json=body))

    async def mark_all_read(self) -> None:
        """I have read everything in all of my rooms."""
        await self.request("PUT", "read-marker")

    async def unread(self) -> Unread:
        return cast(Unread, await self.request("GET", "unread"))

    async def start_typing(self, room_id: int, *, parent_id: int | None = None) -> None:
        """Tell the room that I am typing, there or in a thread. It ends by itself after some seconds."""
        await self.request("POST", "rooms", room_id, "typing", json={"parent_id": parent_id})

    async def stop_typing(self, room_id: int, *, parent_id: int | None = None) -> None:
        """Tell the room that I am typing no longer. A message that I post says so, too."""
        params = {} if parent_id is None else {"parent_id": parent_id}
        await self.request("DELETE", "rooms", room_id, "typing", **params)
