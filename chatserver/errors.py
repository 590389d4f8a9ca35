"""Refusals: every error that a caller can cause or has to know of is a ChatError with a stable `code`."""


class ChatError(Exception):
    """A refusal that the caller can understand. `code` is part of the API; `detail` is a sentence for people.

    `errors` names the fields: [{"field", "code", "detail"}]. `retry_after` is in seconds. `headers` are for the
    answer, too.
    """

    status = 400
    code = "invalid"
    detail = "The request is not valid."
    retry_after: int | None = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        field: str | None = None,
        status: int | None = None,
    ) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        self.status = status or self.status
        self.headers: dict[str, str] = {}
        # What the log line of a refused request tells besides.
        self.log_facts: dict[str, str | None] = {}
        self.errors = [{"field": field, "code": self.code, "detail": self.detail}] if field else []
        super().__init__(self.detail)


class Invalid(ChatError):
    """400: the request is malformed."""


class Unauthorized(ChatError):
    """401: no valid credentials."""

    status = 401
    code = "not_authenticated"
    detail = "Authentication credentials were not provided or are not valid."


class Forbidden(ChatError):
    """403: they see it but may not change it."""

    status = 403
    code = "forbidden"
    detail = "You may not do this."


class NotFound(ChatError):
    """404: it does not exist, or is not theirs."""

    status = 404
    code = "not_found"
    detail = "There is no such thing here."


class Conflict(ChatError):
    """409: it conflicts with existing data."""

    status = 409
    code = "conflict"
    detail = "This collides with what is there already."


class VersionMismatch(ChatError):
    """412: it has changed since the version that the request names."""

    status = 412
    code = "version_mismatch"
    detail = "It has another version by now."


class TooLarge(ChatError):
    """413: the body is too large."""

    status = 413
    code = "too_large"
    detail = "The body is too large."


class Throttled(ChatError):
    """429: too many requests; with the seconds to wait."""

    status = 429
    code = "throttled"
    detail = "Too many requests."

    def __init__(self, retry_after: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"Too many requests; try again in {retry_after} seconds.")
        self.retry_after = retry_after
        self.headers = headers or {}


class SlowMode(Throttled):
    """429: a member has written in a room a moment ago; with the seconds to wait."""

    code = "slow_mode"


class TooManyConnections(ChatError):
    """429: the client's address has as many requests and streams under way as it may."""

    status = 429
    code = "too_many_connections"
    detail = "Your address has as many requests and streams under way as it may."
    retry_after = 5


class Unavailable(ChatError):
    """503: not available now; with the seconds to wait."""

    status = 503
    code = "unavailable"
    detail = "The service is not available at the moment."
    retry_after = 2


class Busy(Unavailable):
    """503: others change the same thing; nothing was changed, and it may be tried again."""

    code = "busy"
    detail = "Others are changing this; try again shortly."


class MethodNotAllowed(ChatError):
    """405: the path has no such method."""

    status = 405
    code = "method_not_allowed"
    detail = "This method is not allowed here."
