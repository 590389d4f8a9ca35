"""The errors of Django, DRF and the database, as ours."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import Error, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions

from chatserver.errors import Busy, ChatError, Forbidden, Invalid, NotFound, TooLarge, Unauthorized, Unavailable
from chatserver.storage.errors import LOCK_ERRORS, is_for_operators, is_outage, sql_state
from chatserver.storage.outages import database_outage

# Further ones are not listed.
MAX_ERRORS = 20


def as_chat_error(error: Exception) -> ChatError | None:
    """Translate an error of Django, DRF or the database into ours; None for a bug."""
    if isinstance(error, ChatError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return Forbidden(str(error) or None)
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError | UnreadablePostError):
        return Invalid(str(error) or None)
    if isinstance(error, OperationalError) and sql_state(error) in LOCK_ERRORS:
        return Busy()
    if is_outage(error) or (isinstance(error, Error) and is_for_operators(error)):
        database_outage.note(error, by="a request")
        return Unavailable("The database does not answer; try again shortly.", code="database_unavailable")
    if isinstance(error, exceptions.ValidationError):
        return _validation_error(error)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Unauthorized(str(error.detail), code=str(error.get_codes()))
    if isinstance(error, exceptions.APIException):
        return ChatError(str(error.detail), code=str(error.get_codes()), status=error.status_code)
    return None


def _validation_error(error: exceptions.ValidationError) -> ChatError:
    found = list(islice(_flatten(error.get_full_details(), ""), MAX_ERRORS))
    known = Invalid(found[0]["detail"] if found else None)
    known.errors = found
    return known


def _flatten(details: Any, field: str) -> Iterator[dict[str, str]]:
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": field or "non_field_errors", "code": details["code"], "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flatten(inner, f"{field}.{name}" if field else str(name))
    else:
        for inner in details:
            yield from _flatten(inner, field)
