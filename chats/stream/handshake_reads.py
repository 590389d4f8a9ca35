"""What streams read from the database: who opens them, what they may hear, what they missed; and what the hub lacks.

All of it runs in a thread.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import close_old_connections

from chats.stream.replay import MAX_REPLAY_EVENTS, Replay
from chatserver.errors import Unauthorized
from chatserver.events import log
from chatserver.events.entitled_rows import entitled_after, is_cut
from chatserver.events.revocations import Claim, were_revoked
from chatserver.events.rows import Row
from chatserver.events.subscriptions import Subscriptions, all_subscriptions_of
from chatserver.events.whole_log import page_of_all
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials
from users.credentials.tokens import invalid_token
from users.locking import right_ended
from users.stream_authentication import identify, identify_tokens


class Admission(NamedTuple):
    """A caller whose credential was valid at this position of the log."""

    identity: Identity
    position: int


class Asked(NamedTuple):
    """A request to open a stream: by whom (a token's hash until it is looked up), and the last position they saw."""

    who: bytes | Admission
    last: int | None


class Handshake(NamedTuple):
    """`replay` has what they missed if memory had it; else call read_missed()."""

    identity: Identity
    subscriptions: Subscriptions
    replay: Replay | None = None


def admit(credentials: RequestCredentials) -> Admission:
    """Identify a caller without a token. Unauthorized, Throttled; django.db errors where PostgreSQL is away."""
    close_old_connections()
    # Read first: whatever ends the credential from now on is after this position.
    position = log.position()
    return Admission(identify(credentials), position)


def look_up(asked: Sequence[Asked]) -> list[Handshake | Unauthorized]:
    """Look up the tokens, and what all callers may hear at one position of the log, in one query each.

    Unauthorized for callers whose credential ended since it was found valid. If it ends after that position, the hub
    ends the stream.
    """
    close_old_connections()
    position = log.position()
    hashes = [ask.who for ask in asked if isinstance(ask.who, bytes)]
    by_hash = dict(zip(hashes, identify_tokens(hashes), strict=True))
    admitted: dict[int, Admission] = {}
    for index, ask in enumerate(asked):
        if isinstance(ask.who, Admission):
            admitted[index] = ask.who
        elif (identity := by_hash[ask.who]) is not None:
            admitted[index] = Admission(identity, position)
    answers: list[Handshake | Unauthorized] = [invalid_token() for _ in asked]
    if admitted:
        askers = [(who.identity.user_id, asked[index].last) for index, who in admitted.items()]
        all_subscriptions = all_subscriptions_of(askers)
        claims = [
            Claim(who.identity.user_id, who.identity.credential, who.position, who.identity.service_id)
            for who in admitted.values()
        ]
        ended = were_revoked(claims, all_subscriptions[0].position)
        for (index, who), subscriptions, has_ended in zip(admitted.items(), all_subscriptions, ended, strict=True):
            refusal = right_ended()
            answers[index] = refusal if has_ended else Handshake(who.identity, subscriptions)
    return answers


def read_missed(subscriptions: Subscriptions, last: int, types: frozenset[str] | None) -> list[Row] | None:
    """The events after `last` that they may hear, or those of these types; None if there are too many."""
    close_old_connections()
    if types is not None:
        rows, end = page_of_all(types, last, subscriptions.position, MAX_REPLAY_EVENTS + 1)
        return rows if end == subscriptions.position else None
    rows = entitled_after(subscriptions, last, MAX_REPLAY_EVENTS + 1)
    return None if is_cut(rows, MAX_REPLAY_EVENTS + 1) else rows


def read_after(position: int, limit: int) -> list[Row]:
    """Rows for the hub to catch up with. HistoryLost if the position is not in the log."""
    close_old_connections()
    return log.after(position, limit)


def read_between(first: int, last: int) -> list[Row]:
    """Rows that memory lacks."""
    close_old_connections()
    return log.between(first, last)
