"""Tickets, which let streams be opened without another credential: issued, and redeemed once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chatserver.storage.rows import one_or_none
from users.locking import lock_person, right_ended
from users.models import Ticket, User, hash_secret

TICKET_SECONDS = 30


def issue_ticket(
    user: User,
    *,
    token_id: int | None = None,
    session_key: str = "",
    identity_id: int | None = None,
    credential_expires_at: datetime | None = None,
) -> str:
    """A ticket for one stream, bound to a token, a session, or a JWT with its expiry (to none with a password)."""
    Ticket.objects.filter(expires_at__lt=timezone.now()).delete()
    with transaction.atomic():
        lock_person(user)
        if token_id is not None and not user.tokens.filter(pk=token_id).exists():
            raise right_ended()
        secret = Ticket.new_secret()
        Ticket.objects.create(
            user=user,
            secret_hash=hash_secret(secret),
            token_id=token_id,
            session_key=session_key,
            external_identity_id=identity_id,
            credential_expires_at=credential_expires_at,
            expires_at=timezone.now() + timedelta(seconds=TICKET_SECONDS),
        )
        return secret


@transaction.atomic
def redeem_ticket(secret: str) -> Ticket | None:
    """Delete a ticket and return it; None if it is invalid or expired. The row's lock lets only one caller have it."""
    tickets = Ticket.objects.select_for_update(of=("self",), skip_locked=True).select_related("user", "token")
    ticket = one_or_none(tickets.filter(secret_hash=hash_secret(secret)))
    if ticket is None:
        return None
    ticket.delete()
    return ticket if ticket.expires_at > timezone.now() else None
