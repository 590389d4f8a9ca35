"""Tokens are issued, sessions noted, and both are ended. Service keys: users/actions/service_keys.py.

A person has at most MAX_CREDENTIALS of them; one more ends the oldest. To refuse the new one instead would let anybody
who once had the password lock its owner out.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import CharField, Value
from django.utils import timezone

from chatserver.events import log
from users.access.credentials import Credential, sessions_of, tokens_of
from users.access.people import check_may_be_spoken_for
from users.locking import lock_person, lock_to_change
from users.models import (
    HeldName,
    Ticket,
    Token,
    User,
    UserSession,
    hash_secret,
    key_credential,
    session_credential,
)

MAX_CREDENTIALS = 100
# Those who had more before there was a limit lose them in several steps.
MAX_ENDED_AT_ONCE = 100
NOTE_SESSION = (
    "INSERT INTO users_usersession (id, user_id, session_id, credential, created_at) "
    "VALUES (nextval('users_token_id_seq'), %s, %s, %s, %s) ON CONFLICT (session_id) DO UPDATE "
    "SET id = excluded.id, user_id = excluded.user_id, created_at = excluded.created_at, last_used_at = NULL"
)


@transaction.atomic
def issue_token(user: User) -> tuple[str, Token]:
    """A new bearer token; past the limit, the oldest one ends. The secret is returned once; only its hash is kept."""
    lock_person(user)
    secret = Token.new_secret()
    expires_at = timezone.now() + timedelta(days=settings.CHAT_TOKEN_DAYS)
    token = Token.objects.create(user=user, secret_hash=hash_secret(secret), expires_at=expires_at)
    end_oldest(user)
    return secret, token


@transaction.atomic
def issue_token_for(person: User) -> tuple[str, Token]:
    """issue_token() for a service to hand on. NotFound, Forbidden as check_may_be_spoken_for()."""
    lock_to_change(person)
    check_may_be_spoken_for(person)
    return issue_token(person)


@transaction.atomic
def revoke_credential(credential: Credential) -> None:
    """End a token or a session, its tickets, and the streams that it opened."""
    User.objects.select_for_update(no_key=True).get(pk=credential.user_id)  # see locking.lock_person()
    _end(credential)


def _end(credential: Credential) -> None:
    name, user_id = credential.credential, credential.user_id
    if isinstance(credential, Token):
        credential.delete()
    else:
        Ticket.objects.filter(session_key=credential.session_id).delete()
        Session.objects.filter(pk=credential.session_id).delete()
    log.revoke(user_id, "logged_out", credential=name)


def end_oldest(user: User) -> None:
    """End what a person has beyond MAX_CREDENTIALS. The caller holds the lock of their row."""
    kinds = [
        rows.order_by().annotate(of=Value(kind, CharField())).values_list("of", "pk")
        for kind, rows in (("token", tokens_of(user)), ("session", sessions_of(user)))
    ]
    newest_first = kinds[0].union(kinds[1], all=True).order_by("-pk")
    excess = list(newest_first[MAX_CREDENTIALS : MAX_CREDENTIALS + MAX_ENDED_AT_ONCE])
    for token in Token.objects.filter(pk__in=[pk for kind, pk in excess if kind == "token"]).order_by("pk"):
        _end(token)
    for session in UserSession.objects.filter(pk__in=[pk for kind, pk in excess if kind == "session"]).order_by("pk"):
        _end(session)


@transaction.atomic
def note_session(user: User, session_key: str) -> None:
    """Note that a person has signed in with a session, which is saved already."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    with connection.cursor() as cursor:
        cursor.execute(NOTE_SESSION, [user.pk, session_key, session_credential(session_key), timezone.now()])
    end_oldest(user)


def end_streams_of_keys(user: User) -> None:
    """End the streams that service keys have opened for this person, or by keys of this account: its rights changed."""
    log.revoke(user.pk, "logged_out", credential=key_credential(""))


def end_listed_credentials(user: User) -> None:
    """End all tokens, JWTs, tickets, sessions and service keys of an account.

    The caller holds the lock of its row, and ends the streams.

    Sessions that are not listed end by the salt, see User.get_session_auth_hash().
    """
    user.tokens.all().delete()
    user.tickets.all().delete()
    user.external_identities.update(revoked_at=timezone.now())
    user.service_keys.live().update(revoked_at=timezone.now())
    keys = list(user.sessions.values_list("session_id", flat=True))
    Session.objects.filter(pk__in=keys).delete()


@transaction.atomic
def end_session(user_id: int, session_key: str) -> None:
    """End the streams and tickets of a session. Django deletes the session itself."""
    Ticket.objects.filter(session_key=session_key).delete()
    log.revoke(user_id, "logged_out", credential=session_credential(session_key))


@transaction.atomic
def log_out_everywhere(user: User) -> None:
    """End all tokens, tickets, sessions and streams of a user. The password stays valid."""
    end_credentials(user)
    log.revoke(user.pk, "logged_out")


def end_credentials(user: User) -> None:
    """End tokens, tickets and sessions. The password stays valid."""
    # Sessions hold a hash of password and salt: a new salt ends them all. This write comes first: see lock_person().
    user.session_salt = secrets.token_hex(8)
    user.save(update_fields=["session_salt"])
    end_listed_credentials(user)


def forget_expired() -> int:
    """Delete expired tokens, tickets, sessions and held names; their streams have ended already. Returns how many."""
    now = timezone.now()
    return sum(
        rows.delete()[0]
        for rows in (
            Token.objects.filter(expires_at__lt=now),
            Ticket.objects.filter(expires_at__lt=now),
            Session.objects.filter(expire_date__lt=now),
            HeldName.objects.filter(expires_at__lt=now),
            UserSession.objects.exclude(session__in=Session.objects.all()),
        )
    )
