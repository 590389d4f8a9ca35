"""Endpoints of webhooks, and the deliveries to them."""

from typing import Literal, TypedDict


class Webhook(TypedDict):
    """An endpoint. `rooms` is null for all."""

    id: int
    url: str
    types: list[str]
    rooms: list[int] | None
    enabled: bool
    ordered: bool
    disabled_at: str | None
    disabled_reason: str | None
    created_at: str


class WebhookWithSecret(Webhook):
    secret: str


class Delivery(TypedDict):
    """`status`, `answer`, `error` and `seconds` are those of the last attempt."""

    id: int
    webhook_id: str
    position: int | None
    type: str
    room_id: int | None
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    status: int | None
    answer: str
    error: str
    seconds: float | None
    created_at: str
    attempted_at: str | None
    next_attempt_at: str | None
