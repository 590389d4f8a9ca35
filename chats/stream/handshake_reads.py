"""What streams need from the database: who asks, what he may hear, what he missed; and what the hub lacks.

All of it runs in a thread.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import close_old_connections

from chats.stream.replay import MAX_REPLAY_EVENTS, Replay, fits
from chatserver.errors import Unauthorized
from chatserver.events import log
from chatserver.events.log import Claim, Standing
from chatserver.events.rows import Row
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials
from users.credentials.tokens import invalid_token
from users.stream_authentication import identify, identify_tokens


class Admission(NamedTuple):
    """Someone whose right was good at this position of the log."""

    identity: Identity
    position: int


class Asked(NamedTuple):
    """An opening: who wants it, by the hash of his token if he is not known yet, and the last position that he saw."""

    who: bytes | Admission
    last: int | None


class Handshake(NamedTuple):
    """`replay` has what he missed, where it could be shared; else read_missed() has."""

    identity: Identity
    standing: Standing
    replay: Replay | None = None


def admit(credentials: RequestCredentials) -> Admission:
    """Identify a caller without a token. Unauthorized, Throttled; django.db errors where PostgreSQL is away."""
    close_old_connections()
    # First: what ends his right while he is identified lies behind it.
    position = log.position()
    return Admission(identify(credentials), position)


def look_up(asked: Sequence[Asked]) -> list[Handshake | Unauthorized]:
    """Identify who comes with a token, and take the standings of all, in one look; so all are of the same position.

    Whose right the log ended since it was found good gets Unauthorized. What ends it behind the standing's position
    reaches the stream through the hub.
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
        standings = log.standings_of([(who.identity.user_id, asked[index].last) for index, who in admitted.items()])
        claims = [Claim(who.identity.user_id, who.identity.credential, who.position) for who in admitted.values()]
        ended = log.were_revoked(claims, standings[0].position)
        for (index, who), standing, has_ended in zip(admitted.items(), standings, ended, strict=True):
            refusal = Unauthorized("This right has just ended.")
            answers[index] = refusal if has_ended else Handshake(who.identity, standing)
    return answers


def read_missed(standing: Standing, last: int) -> list[Row] | None:
    """The events behind `last` that he may hear; None where they are too many."""
    close_old_connections()
    rows = log.entitled_after(standing, last, MAX_REPLAY_EVENTS + 1)
    return rows if fits(len(rows), sum(len(row.body) for row in rows)) else None


def read_after(position: int, limit: int) -> list[Row]:
    """The hub's catch-up. HistoryLost where the position is not in the log."""
    close_old_connections()
    return log.after(position, limit)


def read_between(first: int, last: int) -> list[Row]:
    """What the recent lacks."""
    close_old_connections()
    return log.between(first, last)
