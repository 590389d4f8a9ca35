"""The one parser of `Authorization`, for requests of Django and of ASGI."""

from typing import NamedTuple

from django.http import HttpRequest

from chatserver.http.asgi_types import Scope, header

# The only white space that HTTP knows around a value. Python's strip() takes bytes of other encodings, too.
HTTP_WHITESPACE = " \t"


class Authorization(NamedTuple):
    """`Authorization: <scheme> <credentials>`, see RFC 9110, 11.6.2. `scheme` is in lower case; both may be empty."""

    scheme: str
    credentials: str


def parse_authorization(value: str | None) -> Authorization | None:
    """The parts of the header's value; None where it was not sent. Any bytes, decoded as Latin-1, have parts.

    A header that was sent several times comes joined by commas. Such a value has the first one's scheme, and
    credentials that no scheme accepts.
    """
    if value is None:
        return None
    scheme, _, credentials = value.strip(HTTP_WHITESPACE).partition(" ")
    return Authorization(scheme.lower(), credentials.strip(HTTP_WHITESPACE))


def authorization_of(request: HttpRequest) -> Authorization | None:
    """What a Django request was sent with."""
    return parse_authorization(request.META.get("HTTP_AUTHORIZATION"))


def authorization_in(scope: Scope) -> Authorization | None:
    """What an ASGI request was sent with."""
    return parse_authorization(header(scope, b"authorization"))
