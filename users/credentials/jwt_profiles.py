"""What a JWT says of a person: the claims `name`, `picture` and `email` of OpenID Connect."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from rest_framework.serializers import ValidationError

from users.email_addresses import normal_address
from users.serializers import people  # the module: DRF imports this one in the middle of that one

PROFILE_CLAIMS = {"name": "display_name", "picture": "avatar_url", "email": "email"}


def profile_in(claims: dict[str, Any]) -> dict[str, str]:
    """The columns that they give. An empty text clears one.

    A claim that is null, or would not be valid in one's own profile, is left out: it is for the host to mend, and no
    reason to refuse the person.
    """
    profile = {}
    for claim, column in PROFILE_CLAIMS.items():
        if claims.get(claim) is not None:
            with suppress(ValidationError):
                profile[column] = _profile_fields()[column].run_validation(claims[claim])
    if "email" in profile:
        profile["email"] = normal_address(profile["email"])
    return profile


@cache
def _profile_fields() -> Mapping[str, Any]:
    """They keep nothing of what they validate. To make them takes longer than to verify a token."""
    return people.ProfileSerializer().fields
