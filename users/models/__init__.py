"""People, and what they sign in with."""

from users.models.external_identity import (
    MAX_SUBJECT,
    ExternalIdentity,
    check_external_id,
    erased_subject,
    host_issuer,
    is_subject,
    jwt_credential,
)
from users.models.held_name import HELD_TIME, HeldName
from users.models.service_key import KEY_PREFIX, MAX_KEY_NAME, ServiceKey, key_credential
from users.models.ticket import Ticket
from users.models.token import Token, hash_secret, token_credential
from users.models.user import MAX_PASSWORD, User, UserManager, UserQuerySet, password_credential
from users.models.user_session import UserSession, session_credential

__all__ = [
    "ExternalIdentity",
    "HELD_TIME",
    "HeldName",
    "KEY_PREFIX",
    "MAX_KEY_NAME",
    "MAX_PASSWORD",
    "MAX_SUBJECT",
    "ServiceKey",
    "Ticket",
    "Token",
    "User",
    "UserManager",
    "UserQuerySet",
    "UserSession",
    "check_external_id",
    "erased_subject",
    "hash_secret",
    "host_issuer",
    "is_subject",
    "jwt_credential",
    "key_credential",
    "password_credential",
    "session_credential",
    "token_credential",
]
