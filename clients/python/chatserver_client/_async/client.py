"""The client: one method for each thing that people and backends do."""

from collections.abc import AsyncIterator, Iterable
from typing import cast

from chatserver_client._async.server import AsyncServerApi
from chatserver_client._async.store import AsyncStoreApi
from chatserver_client.types import Block, OnlinePerson, Session, User


class AsyncChatClient(AsyncStoreApi, AsyncServerApi):
    """A person's, or a backend's, view of a ChatServer.

    `url` is where it is served, below a path or not. `token` is a token, a JWT or a service key, or a function that
    returns one: it is called again when the server refuses the last one. `timeout` is in seconds.

    Methods raise ChatError where the server refuses, and httpx2.TransportError where it can't be reached. Those that
    only read, and those that may be repeated without harm, are repeated a few times before that.
    """

    # People

    async def session(self) -> Session:
        """Who I am, by which kind of credential, and until when."""
        return cast(Session, await self.request("GET", "session"))

    async def user(self, user_id: int) -> User:
        return cast(User, await self.request("GET", "users", user_id))

    async def users(self, prefix: str = "") -> AsyncIterator[User]:
        """The people that I may see, by their ids; those whose name begins so."""
        async for user in self._pages("users", q=prefix):
            yield cast(User, user)

    async def update_profile(self, **changes: str) -> User:
        """Change my `display_name`, `avatar_url` or `email`."""
        return cast(User, await self.request("PATCH", "users", "me", json=changes))

    async def online(self, user_ids: Iterable[int]) -> list[OnlinePerson]:
        """Those of these people, at most 100, who are online, and whether they are away."""
        page = await self.request("GET", "users", "online", ids=",".join(map(str, user_ids)))
        return cast(list[OnlinePerson], page["results"])

    async def set_invisible(self, is_invisible: bool) -> None:
        """Appear offline to others, or no longer."""
        await self.request("PUT", "users", "me", "presence", json={"invisible": is_invisible})

    async def report_activity(self) -> None:
        """I am doing something: I am not away for the next minutes. Whose clients never report is never away."""
        await self.request("POST", "users", "me", "activity", json={})

    async def block(self, user_id: int) -> Block:
        """Neither of us sends direct messages to the other then. To do it again changes nothing."""
        return cast(Block, await self.request("PUT", "blocks", user_id))

    async def unblock(self, user_id: int) -> None:
        await self.request("DELETE", "blocks", user_id)

    async def blocks(self) -> AsyncIterator[Block]:
        """Whom I block, by user id."""
        async for block in self._pages("blocks"):
            yield cast(Block, block)
