"""People as JSON, the same in REST answers and in events, and the bodies that are accepted."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from chatserver.http.fields import AddressField, LinkField, NameField, TextField
from chatserver.http.openapi import shows
from chatserver.times import api_time
from users.access.people import external_ids_for
from users.examples import (
    EXAMPLE_PASSWORD,
    EXAMPLE_PERSON,
    EXAMPLE_USER,
)
from users.models import MAX_PASSWORD, User
from users.records import PersonRecord
from users.usernames import MAX_USERNAME, check_username


def shown_person(person: PersonRecord) -> dict[str, Any]:
    """A person as everybody sees them, also beside a message or a room."""
    return person._asdict()


def shown_user(user: User, viewer: User) -> dict[str, Any]:
    """A user as this viewer sees them, see shown_users()."""
    return shown_users([user], viewer)[0]


def shown_users(users: Sequence[User], viewer: User) -> list[dict[str, Any]]:
    """Users as this viewer sees them. Only they themselves, services and staff with a permission see the address.

    The external id is for services and themselves. It takes one query where there is anybody whose id they may know.
    """
    external_ids = external_ids_for(viewer, users)
    return [_shown_user(user, viewer, external_ids.get(user.pk)) for user in users]


def _shown_user(user: User, viewer: User, external_id: str | None) -> dict[str, Any]:
    may_see_email = viewer.pk == user.pk or viewer.may_see_addresses
    return {
        **shown_person(user.record),
        "email": user.email if may_see_email else None,
        "date_joined": api_time(user.date_joined),
        "last_seen_at": api_time(user.last_seen_at),
        "external_id": external_id,
    }


@shows(a_person=EXAMPLE_PERSON)
class PersonSerializer(serializers.Serializer[User]):
    """The schema of shown_person()."""

    id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(read_only=True)
    display_name = serializers.CharField(read_only=True)
    avatar_url = serializers.CharField(read_only=True)
    is_deleted = serializers.BooleanField(read_only=True)


@shows(oneself=EXAMPLE_USER)
class UserSerializer(PersonSerializer):
    """The schema of shown_user()."""

    # No EmailField: who gave no address has the empty one.
    email = serializers.CharField(read_only=True, allow_null=True)
    date_joined = serializers.DateTimeField(read_only=True)
    last_seen_at = serializers.DateTimeField(read_only=True, allow_null=True)
    external_id = serializers.CharField(
        read_only=True, allow_null=True, help_text="the host's id, for services and oneself; else null"
    )


def check_new_password(password: str, user: User, field: str) -> None:
    """Run Django's password validators for this user. Raises a ValidationError of the field."""
    try:
        password_validation.validate_password(password, user)
    except DjangoValidationError as error:
        raise serializers.ValidationError({field: list(error.messages)}, code="password") from error


class UsernameField(TextField):
    """A name in its normal form (NFKC), which is what is measured. With `validators`, those of a new name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_USERNAME, **options)

    def to_internal_value(self, data: Any) -> str:
        return User.normalize_username(super().to_internal_value(data))


class PasswordField(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True, **options)


@shows(with_an_address={"username": "Adam", "email": "adam@example.com", "password": EXAMPLE_PASSWORD})
class RegistrationSerializer(serializers.Serializer[Any]):
    username = UsernameField(validators=[check_username])
    email = AddressField(default="")
    password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_new_password(attrs["password"], User(username=attrs["username"], email=attrs["email"]), "password")
        return attrs


@shows(a_name={"display_name": "Adam A."})
class ProfileSerializer(serializers.Serializer[Any]):
    """The fields of one's own profile. Each is optional."""

    display_name = NameField(max_length=80, allow_blank=True, required=False)
    avatar_url = LinkField(max_length=500, allow_blank=True, required=False)
    email = AddressField()


@shows(another={"current_password": EXAMPLE_PASSWORD, "new_password": "another long one"})
class PasswordSerializer(serializers.Serializer[Any]):
    current_password = PasswordField()
    new_password = PasswordField()
