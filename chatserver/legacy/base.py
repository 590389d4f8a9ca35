"""What the old routes share: their ways to come, their errors, their refusal of other sites, their parameters."""

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, QueryDict
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatserver.errors import Forbidden, Invalid
from chatserver.http.error_translation import as_chat_error
from users.authentication import CredentialAuthentication
from users.models import User

LARGEST_LEGACY_PAGE = 100


class LegacyAuthentication(CredentialAuthentication):
    """Sessions need no CSRF token: LegacyView looks at where the request comes from."""

    def enforce_csrf(self, request: Request) -> None:
        return


class JsonWhateverAccepted(DefaultContentNegotiation):
    """JSON, as the old service did, whatever type the client says it accepts."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class LegacyView(APIView):
    """What the old routes share: their ways to come, their errors, their refusal of other sites."""

    content_negotiation_class = JsonWhateverAccepted
    authentication_classes = [LegacyAuthentication]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        refuse_other_sites(request._request)
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        error = as_chat_error(exc)
        if error is None:
            raise exc
        status = error.status if error.status in {400, 401, 403, 404, 405, 413, 429, 503} else 400
        response = Response({"message": error.detail}, status=status, headers=error.headers)
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
        response.exception = True
        return response


def refuse_other_sites(request: HttpRequest) -> None:
    """Forbidden for what a page of another origin sent, if that is not trusted. Other clients send neither header.

    A header that was sent must prove the same origin: another one of the same site is none of ours. Without a proxy's
    X-Forwarded-Proto we may not know our own scheme; a browser that says same-origin does.
    """
    origin = request.META.get("HTTP_ORIGIN")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    schemes = {"http", "https"} if site == "same-origin" else {request.scheme}
    own = {None, *(f"{scheme}://{request.get_host()}" for scheme in schemes)}
    # An address of a picture, or of anything else that a page embeds, must not sign in or out.
    is_embedded = request.META.get("HTTP_SEC_FETCH_DEST") not in {None, "empty", "document"}
    if site not in {None, "same-origin", "none"} or origin not in own or is_embedded:
        raise Forbidden("Requests from other sites are refused.")


def field(request: Request, name: str) -> str | None:
    """A parameter from the body (JSON or a form, whatever type the client says it sends) or the query, as text."""
    value = _body(request._request).get(name, request.query_params.get(name))
    if value is not None and not isinstance(value, str | int):
        raise Invalid(f"{name} must be a text.")
    if "\0" in str(value):
        raise Invalid(f"{name} must not contain NUL.")
    return None if value is None else str(value)


def _body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == "multipart/form-data":
        return request.POST.dict()
    text = request.body.strip()
    if text[:1] not in {b"{", b"["}:
        return QueryDict(text).dict()
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("The body is not a JSON object.") from error


def shown(user: User) -> dict[str, str]:
    return {"id": str(user.pk), "username": user.username}
