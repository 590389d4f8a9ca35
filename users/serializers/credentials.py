"""What people sign in with as JSON, and the bodies that are accepted."""

from typing import Any

from rest_framework import serializers

from chatserver.http.fields import TextField
from chatserver.http.openapi import shows
from chatserver.times import api_time, api_time_of
from users.examples import (
    EXAMPLE_CREDENTIAL,
    EXAMPLE_PASSWORD,
    EXAMPLE_SESSION,
    EXAMPLE_TOKEN,
    NO_SESSION,
)
from users.models import MAX_PASSWORD, Token, User, UserSession
from users.serializers.people import PasswordField, UsernameField, UserSerializer, shown_user


def shown_session(user: User | None, credential: str | None, expires_at: float | None) -> dict[str, Any]:
    """Who is asking, with what kind of credential, and until when it is valid, in seconds since 1970; None for ever."""
    return {
        "user": None if user is None else shown_user(user, user),
        "credential": credential,
        "expires_at": None if expires_at is None else api_time_of(expires_at),
    }


def shown_credential(credential: Token | UserSession, current: str) -> dict[str, Any]:
    """A token or a session, without its secret. `current` names the one that the request came with."""
    return {
        "id": credential.pk,
        "kind": credential.kind,
        "created_at": api_time(credential.created_at),
        "last_used_at": api_time(credential.last_used_at),
        "expires_at": api_time(credential.expires_at),
        "is_current": credential.credential == current,
    }


@shows(a_password={"username": "Adam", "password": EXAMPLE_PASSWORD})
class LoginSerializer(serializers.Serializer[Any]):
    username = UsernameField()
    password = PasswordField()


@shows(a_password={"username": "Adam", "password": EXAMPLE_PASSWORD})
class SignInSerializer(serializers.Serializer[Any]):
    username = UsernameField()
    password = TextField(
        max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True, required=False, allow_null=True
    )


@shows(signed_in=EXAMPLE_SESSION, nobody=NO_SESSION)
class SessionSerializer(serializers.Serializer[Any]):
    """The schema of shown_session()."""

    user = UserSerializer(read_only=True, allow_null=True)
    credential = serializers.ChoiceField(
        ["token", "jwt", "session", "password", "key"], read_only=True, allow_null=True
    )
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)


@shows(a_token=EXAMPLE_TOKEN)
class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)
    user = UserSerializer(read_only=True)


@shows(a_token=EXAMPLE_CREDENTIAL)
class CredentialSerializer(serializers.Serializer[Any]):
    """The schema of shown_credential()."""

    id = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(["token", "session"], read_only=True)
    created_at = serializers.DateTimeField(read_only=True, help_text="when one signed in with it")
    last_used_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="within some 5 minutes; null: not yet"
    )
    expires_at = serializers.DateTimeField(read_only=True)
    is_current = serializers.BooleanField(read_only=True, help_text="whether this request came with it")


@shows(a_ticket={"ticket": "…", "expires_in": 30})
class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(read_only=True)
    expires_in = serializers.IntegerField(read_only=True, help_text="seconds")
