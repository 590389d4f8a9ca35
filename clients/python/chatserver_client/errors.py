"""What can go wrong, besides the errors of httpx2 where no answer came at all."""

from typing import Any

import httpx2

# Of an answer that is not ours.
MAX_SHOWN_CHARACTERS = 200


class ChatError(Exception):
    """The server refused a request: an RFC 9457 problem.

    `code` is stable, `detail` a sentence for people, `errors` names fields: [{"field", "code", "detail"}].
    `retry_after` is in seconds, where the server says it. `code` is "http_error" where a proxy answered.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: list[dict[str, Any]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.retry_after = retry_after

    @classmethod
    def of(cls, answer: httpx2.Response) -> "ChatError":
        """The error in an answer that has been read."""
        try:
            problem = answer.json()
        except ValueError:
            problem = None
        if not isinstance(problem, dict) or not isinstance(problem.get("code"), str):
            problem = {"code": "http_error", "detail": answer.text[:MAX_SHOWN_CHARACTERS]}
        after = answer.headers.get("Retry-After", "")
        return cls(
            answer.status_code,
            problem["code"],
            str(problem.get("detail", "")),
            problem.get("errors"),
            float(after) if after.isascii() and after.isdigit() else None,
        )


class StreamEnded(Exception):
    """The server ended the stream, and to open it again would be in vain: `reason` as in its `bye`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the server ended the stream: {reason}")
        self.reason = reason


class WebhookInvalid(Exception):
    """A webhook was not sent by the server, or is too old."""
