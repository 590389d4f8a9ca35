"""What every part of the client stands on."""

import copy
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import httpx2

from chatserver_client._async.transport import AsyncTransport, Token, path_of

MAX_PAGE = 100


class AsyncBase:
    """Requests and pages, in one's own name or for somebody. AsyncChatClient tells of the parameters."""

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        timeout: float = 30.0,
        http: httpx2.AsyncClient | None = None,
    ) -> None:
        self._transport = AsyncTransport(url, token, None, timeout, http or httpx2.AsyncClient())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    def act_as(self, who: int | str) -> Self:
        """The same client in the name of a person, by their id or by `external:` and the id that your product has.

        For a service key with the scope `act_as`. Closing either closes both.
        """
        other = copy.copy(self)
        other._transport = self._transport.acting_as(str(who))
        return other

    async def request(self, method: str, *segments: str | int, json: Any = None, **params: Any) -> Any:
        """Anything else of the API: `request("GET", "users", 7)` is GET /api/v1/users/7/."""
        return await self._transport.request(method, path_of(*segments), json=json, params=params or None)

    async def _pages(self, *segments: str | int, after: int | str | None = None, **params: Any) -> AsyncIterator[Any]:
        while True:
            cursor = {} if after is None else {"after": after}
            page = await self.request("GET", *segments, limit=MAX_PAGE, **params, **cursor)
            for each in page["results"]:
                yield each
            if page["next"] is None:
                return
            after = page["next"]
