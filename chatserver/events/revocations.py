"""Which credentials the log has ended."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from django.db import connection

from chatserver.events.models import Kind


class Claim(NamedTuple):
    """A user's credential, which was found valid at a position of the log. `service_id`: whose service key it is."""

    user_id: int
    credential: str
    position: int
    service_id: int | None = None


def were_revoked(claims: Sequence[Claim], last: int) -> list[bool]:
    """Of each claim whether the log ended its credential after its position, up to `last`."""
    first = min((claim.position for claim in claims), default=last)
    if first >= last:
        return [False] * len(claims)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, user_ids, body FROM events_event WHERE position > %s AND position <= %s AND kind = %s",
            [first, last, int(Kind.REVOKE)],
        )
        ends = [(position, user_ids, credential_of(body)) for position, user_ids, body in cursor.fetchall()]
    return [
        any(
            position > claim.position
            and not {claim.user_id, claim.service_id}.isdisjoint(user_ids)
            and is_meant(meant, claim.credential)
            for position, user_ids, meant in ends
        )
        for claim in claims
    ]


def is_meant(meant: str | None, credential: str) -> bool:
    """Whether a REVOKE row that names this ends a credential: all of them (None), this one, or its kind ("key:")."""
    return meant is None or meant == credential or (meant.endswith(":") and credential.startswith(meant))


def credential_of(body: str) -> str | None:
    """What a REVOKE row ends: a credential, a kind of them, or None for all of its user's."""
    credential: str | None = msgspec.json.decode(body)["credential"]
    return credential
