"""What backends send and get: people of their product, tokens, the audit."""

from typing import NotRequired, TypedDict

from chatserver_client.types.people import User


class NewPerson(TypedDict):
    """A person of your product."""

    external_id: str
    display_name: NotRequired[str]
    avatar_url: NotRequired[str]
    email: NotRequired[str]


class FieldError(TypedDict):
    field: str
    code: str
    detail: str


class BatchResult(TypedDict):
    """`status` as PUT would answer; `code` and `errors` of a refusal."""

    status: int
    user: User | None
    code: str | None
    errors: list[FieldError]


class IssuedToken(TypedDict):
    token: str
    expires_at: str | None
    user: User


class AuditEntry(TypedDict):
    """`person_id` is for whom the key acted."""

    id: int
    at: str
    service_id: int
    key_id: int
    person_id: int | None
    method: str
    route: str
    targets: dict[str, int]
    status: int
    request_id: str
