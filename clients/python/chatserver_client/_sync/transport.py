# Written by make_sync.py from _async/; change it there.
"""Requests with a credential, which is renewed where it has ended, and repeated where that is safe."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx2

from chatserver_client.errors import ChatError

Token = str | Callable[[], str]
# A request that may be repeated is, so often, while the server is away for a moment.
ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 20.0
PASSING = frozenset({429, 502, 503, 504})
SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


def path_of(*segments: str | int) -> str:
    """The path of the API with these segments, each escaped: ids of others may have slashes in them."""
    return "/api/v1/" + "".join(f"{quote(str(segment), safe=':')}/" for segment in segments)


class Transport:
    """`token` is a token, or a function that returns one and is called again when the server refuses the last one."""

    def __init__(self, url: str, token: Token, act_as: str | None, timeout: float, http: httpx2.Client) -> None:
        self._url = url.rstrip("/")
        self._source = token
        self._token: str | None = None
        self._act_as = act_as
        self._timeout = timeout
        self._http = http

    @property
    def can_renew(self) -> bool:
        return callable(self._source)

    def acting_as(self, who: str) -> "Transport":
        """The same, in the name of somebody: an id, or `external:` with an external one."""
        return Transport(self._url, self._source, who, self._timeout, self._http)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        is_repeatable: bool | None = None,
    ) -> Any:
        """The answer's JSON; None where it has none. ChatError; httpx2.TransportError where no answer came.

        While the server is away or has too much to do, a request that may be repeated is repeated a few times, unless
        the server says that it is to be later than LONGEST_WAIT_SECONDS from now.
        """
        repeats = method in SAFE_TO_REPEAT if is_repeatable is None else is_repeatable
        has_renewed = False
        attempt = 1
        while True:
            try:
                answer = self._http.request(
                    method,
                    self._url + path,
                    json=json,
                    params=params,
                    headers=self.headers(),
                    timeout=self._timeout,
                )
                if answer.is_success:
                    return answer.json() if answer.content else None
                error = ChatError.of(answer)
            except httpx2.TransportError:
                if not repeats or attempt == ATTEMPTS:
                    raise
                time.sleep(_wait_seconds(attempt, None))
            else:
                if error.status == 401 and self.can_renew and not has_renewed:
                    self.forget_token()
                    has_renewed = True
                    continue
                # In a room with a slow mode, it may last hours.
                is_passing = error.status in PASSING and (error.retry_after or 0) <= LONGEST_WAIT_SECONDS
                if not is_passing or not repeats or attempt == ATTEMPTS:
                    raise error
                time.sleep(_wait_seconds(attempt, error.retry_after))
            attempt += 1

    @contextmanager
    def stream(
        self, path: str, headers: Mapping[str, str], params: Mapping[str, Any], read_seconds: float
    ) -> Iterator[httpx2.Response]:
        """An open answer. ChatError where the server refuses it."""
        timeout = httpx2.Timeout(self._timeout, read=read_seconds)
        url, sent = self._url + path, {**headers, **self.headers()}
        with self._http.stream("GET", url, headers=sent, params=params, timeout=timeout) as answer:
            if not answer.is_success:
                answer.read()
                raise ChatError.of(answer)
            yield answer

    def headers(self) -> dict[str, str]:
        """Who asks, and in whose name."""
        if self._token is None:
            found = self._source() if callable(self._source) else self._source
            self._token = found
        acting = {} if self._act_as is None else {"Chat-On-Behalf-Of": quote(self._act_as, safe=":")}
        return {"Authorization": f"Bearer {self._token}"} | acting

    def forget_token(self) -> None:
        """Have the next request ask for a new token."""
        self._token = None

    def close(self) -> None:
        self._http.close()


def _wait_seconds(attempt: int, retry_after: float | None) -> float:
    """Up to 1, 2, 4 s, or, where the server says when to come back, up to a second later than that."""
    if retry_after is not None:
        return retry_after + random.uniform(0, 1)  # noqa: S311 - a spread
    return float(2 ** (attempt - 1)) * random.uniform(0.5, 1)  # noqa: S311 - a spread
