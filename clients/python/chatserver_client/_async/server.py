"""What a backend does with a service key, beside what people do."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, cast

from chatserver_client._async.base import AsyncBase
from chatserver_client._async.transport import path_of
from chatserver_client.batches import batches_of
from chatserver_client.types import (
    AuditEntry,
    BatchResult,
    Delivery,
    IssuedToken,
    NewPerson,
    Room,
    User,
    Webhook,
    WebhookWithSecret,
)


class AsyncServerApi(AsyncBase):
    """People and rooms by your product's own ids, credentials, the audit, and webhooks."""

    # People

    async def put_user(self, external_id: str, **profile: str) -> User:
        """Make the person with this id of yours, or bring them to this `display_name`, `avatar_url`, `email`."""
        return cast(User, await self.request("PUT", "users", "external", external_id, json=profile))

    async def put_users(self, people: Iterable[NewPerson]) -> list[BatchResult]:
        """The same for any number of people, several hundred at a time. One result for each, in their order."""
        path, results = path_of("users", "batch"), []
        for batch in batches_of(people):
            page = await self._transport.request("POST", path, json={"users": batch}, is_repeatable=True)
            results += page["results"]
        return cast(list[BatchResult], results)

    async def external_user(self, external_id: str) -> User:
        return cast(User, await self.request("GET", "users", "external", external_id))

    async def create_token(self, user_id: int) -> IssuedToken:
        """A token for a person, to hand to their browser or app."""
        return cast(IssuedToken, await self.request("POST", "users", user_id, "tokens"))

    async def log_out(self, user_id: int) -> None:
        """End all that a person is signed in with, and their streams."""
        await self.request("POST", "users", user_id, "logout")

    # Rooms

    async def put_room(
        self,
        external_id: str,
        name: str,
        *,
        members: Sequence[int | str] | None = None,
        exact: bool = False,
        **changes: str,
    ) -> Room:
        """Make the room with this id of yours, or bring it to this state; `kind` and `description` may be given.

        `members`, up to 200, are ids, or `external:` and ids of yours. They are added; with `exact` all others are
        removed.
        """
        body: dict[str, Any] = {"name": name, **changes}
        if members is not None:
            body |= {"members": list(members), "exact": exact}
        return cast(Room, await self.request("PUT", "rooms", "external", external_id, json=body))

    async def external_room(self, external_id: str) -> Room:
        return cast(Room, await self.request("GET", "rooms", "external", external_id))

    # The audit

    async def audit(self) -> AsyncIterator[AuditEntry]:
        """Every request that came with a service key, the oldest first."""
        async for entry in self._pages("moderation", "audit"):
            yield cast(AuditEntry, entry)

    # Webhooks

    async def webhooks(self) -> AsyncIterator[Webhook]:
        """The endpoints of my service account."""
        async for webhook in self._pages("webhooks"):
            yield cast(Webhook, webhook)

    async def create_webhook(self, url: str, **options: Any) -> WebhookWithSecret:
        """Have events delivered to a URL. Options: `types`, `rooms`, `ordered`, `enabled`. Only here is the secret."""
        return cast(WebhookWithSecret, await self.request("POST", "webhooks", json={"url": url, **options}))

    async def update_webhook(self, webhook_id: int, **changes: Any) -> Webhook:
        """Change `url` or one of the options above."""
        return cast(Webhook, await self.request("PATCH", "webhooks", webhook_id, json=changes))

    async def delete_webhook(self, webhook_id: int) -> None:
        """Delete an endpoint with its deliveries."""
        await self.request("DELETE", "webhooks", webhook_id)

    async def rotate_webhook_secret(self, webhook_id: int) -> WebhookWithSecret:
        """A new secret. For 24 hours deliveries are signed with the old one, too."""
        return cast(WebhookWithSecret, await self.request("POST", "webhooks", webhook_id, "rotate-secret"))

    async def test_webhook(self, webhook_id: int) -> Delivery:
        """Send an event `webhook.test`."""
        return cast(Delivery, await self.request("POST", "webhooks", webhook_id, "test"))

    async def deliveries(self, webhook_id: int, **filters: str) -> AsyncIterator[Delivery]:
        """All deliveries to an endpoint, or those with a `state` of waiting, delivered or failed; the oldest first."""
        async for delivery in self._pages("webhooks", webhook_id, "deliveries", after=0, **filters):
            yield cast(Delivery, delivery)

    async def replay(self, webhook_id: int, delivery_id: int) -> Delivery:
        """Deliver it once more, at once."""
        return cast(Delivery, await self.request("POST", "webhooks", webhook_id, "deliveries", delivery_id, "replay"))
