# Written by make_sync.py from _async/; change it there.
"""What every part of the client stands on."""

import copy
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import httpx2

from chatserver_client._sync.transport import Token, Transport, path_of

MAX_PAGE = 100


class Base:
    """Requests and pages, in one's own name or for somebody. ChatClient tells of the parameters."""

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        timeout: float = 30.0,
        http: httpx2.Client | None = None,
    ) -> None:
        self._transport = Transport(url, token, None, timeout, http or httpx2.Client())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def act_as(self, who: int | str) -> Self:
        """The same client in the name of a person, by their id or by `external:` and the id that your product has.

        For a service key with the scope `act_as`. Closing either closes both.
        """
        other = copy.copy(self)
        other._transport = self._transport.acting_as(str(who))
        return other

    def request(self, method: str, *segments: str | int, json: Any = None, **params: Any) -> Any:
        """Anything else of the API: `request("GET", "users", 7)` is GET /api/v1/users/7/."""
        return self._transport.request(method, path_of(*segments), json=json, params=params or None)

    def _pages(self, *segments: str | int, after: int | str | None = None, **params: Any) -> Iterator[Any]:
        while True:
            cursor = {} if after is None else {"after": after}
            page = self.request("GET", *segments, limit=MAX_PAGE, **params, **cursor)
            for each in page["results"]:
                yield each
            if page["next"] is None:
                return
            after = page["next"]
